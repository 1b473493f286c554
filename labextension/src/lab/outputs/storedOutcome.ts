/**
 * What came out of a job, and why it failed, as plain text for stored outputs; bounded. The same as
 * `primwidgets/_jupyter/text_outcome.py`, which `tests/golden/text_cards.json` pins.
 */
import { numberText } from "../../i18n/number";
import { clip } from "../../wire/clip";
import type {
  CountsPanel,
  DisplayPreview,
  ExpectationPanel,
  FailureFrame,
  FailureStep,
  JobError,
  ResultPreview
} from "../../wire/snapshot";

/** Lines of a result or of a traceback, and characters of a line. */
const LINES = 12;
const LINE_LIMIT = 200;
/** Outcomes, observables, and the user's frames of one exception that are listed. */
const ENTRIES = 8;
const FRAMES = 5;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** The result of a job that is done, in a few lines; empty where there is none. */
export function resultText(preview: ResultPreview | null): string {
  switch (preview?.kind) {
    case "display":
      return bounded(displayed(preview));
    case "counts":
      return bounded(withTitle(preview.panels[0], preview.panels.length - 1 + preview.more_panels, counts));
    case "expectation_values":
      return bounded(withTitle(preview.panels[0], preview.panels.length - 1 + preview.more_panels, values));
    case undefined:
      return "";
  }
}

/** The address of the picture of a result, with the picture in it; `null` where there is none. */
export function resultPicture(preview: ResultPreview | null): string | null {
  const image = preview?.kind === "display" ? preview.image : null;
  const data = image?.data.replaceAll("\n", "") ?? "";
  return image && BASE64.test(data) ? `data:image/${image.format};base64,${data}` : null;
}

/** Where the job failed: the user's own frames of the exception and of what caused it; else the traceback's end. */
export function failureText(error: JobError | null): string {
  if (!error) {
    return "";
  }
  if (error.chain.length > 0) {
    return bounded(error.chain.flatMap(stepLines));
  }
  const trace = (error.traceback ?? "").replace(/^\n+|\n+$/g, "");
  return bounded(trace.split("\n").slice(-LINES));
}

function displayed({ summary, text }: DisplayPreview): readonly string[] {
  return [summary, ...text.replace(/^\n+|\n+$/g, "").split("\n")].filter(Boolean);
}

function withTitle<P extends CountsPanel | ExpectationPanel>(
  panel: P | undefined,
  more: number,
  linesOf: (panel: P) => readonly string[]
): readonly string[] {
  const title = panel && more !== 0 && panel.title ? [panel.title] : [];
  return [...title, ...(panel ? linesOf(panel) : []), ...(more > 0 ? [`… and ${grouped(more)} more results`] : [])];
}

function counts({ bars, other_outcomes }: CountsPanel): readonly string[] {
  const others = Math.max(0, bars.length - ENTRIES) + other_outcomes;
  const lines = bars.slice(0, ENTRIES).map(({ label, count }) => `${label}: ${grouped(count)}`);
  return [...lines, ...(others > 0 ? [`… and ${grouped(others)} other outcomes`] : [])];
}

function values({ points, more_points }: ExpectationPanel): readonly string[] {
  const more = Math.max(0, points.length - ENTRIES) + more_points;
  const lines = points.slice(0, ENTRIES).map(({ label, value, std }) => {
    const spread = std === null || std === 0 ? "" : ` ± ${numberText(std)}`;
    return `${label}: ${numberText(value)}${spread}`;
  });
  return [...lines, ...(more > 0 ? [`… and ${grouped(more)} more`] : [])];
}

function stepLines({ type, message, caused, frames }: FailureStep, index: number): readonly string[] {
  const own = frames.filter(frame => frame.own).slice(-FRAMES);
  const shown = own.length > 0 ? own : frames.slice(-1);
  const heading = index > 0 ? [`${caused ? "Caused by" : "Raised while handling"} ${type}: ${message}`] : [];
  return [...heading, ...shown.flatMap(frameLines)];
}

function frameLines({ file, line, function: name, first_line, source }: FailureFrame): readonly string[] {
  const inside = name === "" || name === "<module>" ? "" : `, in ${name}`;
  const text = source[line - first_line];
  return [`${file}, line ${String(line)}${inside}`, ...(text === undefined ? [] : [`    ${text.trim()}`])];
}

function bounded(lines: readonly string[]): string {
  const kept = lines.length > LINES ? [...lines.slice(0, LINES), "…"] : lines;
  return kept.map(line => clip(line.replaceAll("\n", " "), LINE_LIMIT)).join("\n");
}

function grouped(count: number): string {
  return count.toLocaleString("en");
}
