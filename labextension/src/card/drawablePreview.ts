/** What of a result's picture is drawn: what has the form that the kernel sends, with texts that move nothing. */
import { drawableTree } from "../wire/drawableText";
import { readCountsPreview, readDisplayPreview, readExpectationPreview } from "../wire/schema";
import type { CountsPanel, ResultPreview } from "../wire/snapshot";

/** Bars that are drawn; earlier versions have stored twice as many. */
const BAR_LIMIT = 8;

/** The picture; `null` where there is none in `preview`. */
export function drawablePreview(preview: Readonly<Record<string, unknown>>): ResultPreview | null {
  const counts = readCountsPreview(preview);
  const known = counts
    ? { ...counts, panels: counts.panels.map(mostFrequent) }
    : (readExpectationPreview(preview) ?? readDisplayPreview(preview) ?? null);
  return drawableTree(known);
}

function mostFrequent(panel: CountsPanel): CountsPanel {
  const drawn = [...panel.bars].sort((one, other) => other.count - one.count).slice(0, BAR_LIMIT);
  const rest = panel.bars.filter(bar => !drawn.includes(bar));
  return {
    ...panel,
    bars: panel.bars.filter(bar => drawn.includes(bar)),
    other_outcomes: panel.other_outcomes + rest.length,
    other_count: rest.reduce((sum, bar) => sum + bar.count, panel.other_count)
  };
}
