/**
 * What of a snapshot is drawn. It was read by the reader of `schema.ts`, which bounds each text, list and number; here
 * its texts lose what would move other text, and charts get no more bars than a reader takes in.
 */
import { drawableTree } from "../wire/drawableText";
import { strings } from "../i18n/strings";
import type { CountsPanel, JobSnapshot, ResultPreview } from "../wire/snapshot";

/** Bars that are drawn; earlier versions have stored twice as many. */
const BAR_LIMIT = 8;

/** A snapshot does not change, and is drawn many times. */
const drawn = new WeakMap<JobSnapshot, JobSnapshot>();

/** The part of `snapshot` that a card can show; equal to it for all that the kernel sends. */
export function drawable(snapshot: JobSnapshot): JobSnapshot {
  let known = drawn.get(snapshot);
  if (!known) {
    known = drawableTree({ ...inWords(snapshot), result_preview: drawablePreview(snapshot.result_preview) });
    drawn.set(snapshot, known);
  }
  return known;
}

/** The snapshot with the kernel's own sentences in the user's language. */
function inWords(snapshot: JobSnapshot): JobSnapshot {
  const { message, cancel_detail, progress_text, rate, attempts } = snapshot;
  const said = { message, cancel_detail, progress_text, rate };
  const words = Object.entries(said).map(([field, text]) => [field, text && strings.translated(text)]);
  const problem = attempts?.problem ?? null;
  const told = attempts && { ...attempts, problem: problem && strings.translated(problem) };
  return { ...snapshot, ...(Object.fromEntries(words) as typeof said), attempts: told };
}

function drawablePreview(preview: ResultPreview | null): ResultPreview | null {
  return preview?.kind === "counts" ? { ...preview, panels: preview.panels.map(mostFrequent) } : preview;
}

function mostFrequent(panel: CountsPanel): CountsPanel {
  const bars = [...panel.bars].sort((one, other) => other.count - one.count).slice(0, BAR_LIMIT);
  const rest = panel.bars.filter(bar => !bars.includes(bar));
  return {
    ...panel,
    bars: panel.bars.filter(bar => bars.includes(bar)),
    other_outcomes: panel.other_outcomes + rest.length,
    other_count: rest.reduce((sum, bar) => sum + bar.count, panel.other_count)
  };
}
