/** What of a result's picture is drawn: panels and rows that can be, up to the number that the kernel sends. */
import { drawableText, drawableTree, isRecord } from "../wire/drawableText";
import { readDisplayPreview } from "../wire/schema";
import type { CountsPanel, ExpectationPanel, ResultPreview } from "../wire/snapshot";

type Unchecked = Readonly<Record<string, unknown>>;

const PANEL_LIMIT = 24;
/** Bars that are drawn; earlier versions have stored twice as many. */
const BAR_LIMIT = 8;
const POINT_LIMIT = 64;
const LABEL_LIMIT = 320;

/** A larger number is none that a picture can be drawn with. */
const LARGEST = 1e300;

/** The picture; `null` where there is none in `preview`. */
export function drawablePreview(preview: Unchecked): ResultPreview | null {
  const { kind } = preview;
  const panels = recordsIn(preview["panels"]);
  const shown = panels.slice(0, PANEL_LIMIT);
  const more_panels = count(preview["more_panels"]) + panels.length - shown.length;
  switch (kind) {
    case "counts":
      return { kind, panels: shown.map(countsPanel), more_panels };
    case "expectation_values":
      return { kind, panels: shown.map(expectationPanel), more_panels };
    case "display":
      return drawableTree(readDisplayPreview(preview) ?? null);
    default:
      return null;
  }
}

function countsPanel(panel: Unchecked): CountsPanel {
  const bars = recordsIn(panel["bars"]).map(bar => ({ label: bar["label"], count: count(bar["count"]) }));
  const drawn = new Set([...bars].sort((one, other) => other.count - one.count).slice(0, BAR_LIMIT));
  const rest = bars.filter(bar => !drawn.has(bar));
  return {
    title: label(panel["title"]),
    shots: count(panel["shots"]),
    bars: [...bars].filter(bar => drawn.has(bar)).map(bar => ({ ...bar, label: label(bar.label) })),
    other_outcomes: count(panel["other_outcomes"]) + rest.length,
    other_count: rest.reduce((sum, bar) => sum + bar.count, count(panel["other_count"]))
  };
}

function expectationPanel(panel: Unchecked): ExpectationPanel {
  const points = recordsIn(panel["points"]);
  const shown = points.filter(({ value }) => isDrawable(value)).slice(0, POINT_LIMIT);
  return {
    title: label(panel["title"]),
    axis: typeof panel["axis"] === "string" ? label(panel["axis"]) : null,
    points: shown.map(({ label: text, value, std }) => ({
      label: label(text),
      value: value as number,
      std: isDrawable(std) ? Math.abs(std) : null
    })),
    more_points: count(panel["more_points"]) + points.length - shown.length
  };
}

function label(text: unknown): string {
  return drawableText(text, LABEL_LIMIT);
}

/** A number of things; zero for what is no such number. */
function count(value: unknown): number {
  return isDrawable(value) ? Math.max(0, value) : 0;
}

function isDrawable(value: unknown): value is number {
  return typeof value === "number" && Math.abs(value) < LARGEST;
}

function recordsIn(list: unknown): readonly Unchecked[] {
  return Array.isArray(list) ? list.filter(isRecord) : [];
}
