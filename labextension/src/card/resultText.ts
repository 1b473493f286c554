/** A panel of a result as text: what *Copy* puts on the clipboard and *Save* into a file. */
import type { PanelsPreview } from "../wire/snapshot";
import { strings } from "../i18n/strings";

type Cell = string | number;

/** The panel as text with tabs, which tables of other programs take. */
export function textOf(preview: PanelsPreview, index: number): string {
  return rowsOf(preview, index)
    .map(row => row.join("\t"))
    .join("\n");
}

/** The panel as CSV. */
export function csvOf(preview: PanelsPreview, index: number): string {
  return rowsOf(preview, index)
    .map(row => `${row.map(quoted).join(",")}\r\n`)
    .join("");
}

function rowsOf(preview: PanelsPreview, index: number): readonly (readonly Cell[])[] {
  if (preview.kind === "counts") {
    const panel = preview.panels[index];
    const { bars = [], shots = 0, other_outcomes = 0, other_count = 0 } = panel ?? {};
    const rows = bars.map(({ label, count }): Cell[] => [label, count, count / Math.max(1, shots)]);
    const rest = [strings.otherOutcomes(other_outcomes), other_count, other_count / Math.max(1, shots)];
    return [[strings.OUTCOME, strings.COUNT, strings.PROBABILITY], ...rows, ...(other_outcomes > 0 ? [rest] : [])];
  }
  const panel = preview.panels[index];
  const heading = [panel?.axis ?? strings.OBSERVABLE, strings.VALUE, strings.STANDARD_ERROR];
  return [heading, ...(panel?.points ?? []).map(({ label, value, std }): Cell[] => [label, value, std ?? ""])];
}

/** Text in quotes. What a table would take for a formula gets a space in front. */
function quoted(cell: Cell): string {
  return typeof cell === "number" ? String(cell) : `"${cell.replace(/^(?=[=+@\-\t\r])/, " ").replace(/"/g, '""')}"`;
}
