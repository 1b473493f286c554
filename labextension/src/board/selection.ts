/** The rows that are selected, and the one that the keyboard is on. */

/** Keys of jobs. `anchor` is where a range begins. */
export type Selection = Readonly<{ keys: ReadonlySet<string>; cursor: string | null; anchor: string | null }>;

export const NOTHING: Selection = { keys: new Set(), cursor: null, anchor: null };

/** How a row is meant: alone, in addition, or as the end of a range. */
export type SelectionMode = "alone" | "toggle" | "range";

/** Selects the row `key`; `order` has the keys of all rows. */
export function select(before: Selection, order: readonly string[], key: string, mode: SelectionMode): Selection {
  if (mode === "range") {
    const [from, to] = [order.indexOf(before.anchor ?? key), order.indexOf(key)].sort((a, b) => a - b);
    return { ...before, keys: new Set(order.slice(Math.max(0, from ?? 0), (to ?? 0) + 1)), cursor: key };
  }
  if (mode === "toggle") {
    const keys = new Set(before.keys);
    if (!keys.delete(key)) {
      keys.add(key);
    }
    return { keys, cursor: key, anchor: key };
  }
  return { keys: new Set([key]), cursor: key, anchor: key };
}

const STEPS: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 10,
  PageUp: -10,
  Home: -Infinity,
  End: Infinity
};

/** The key of the row that a key press leads to; `null` for other keys, and where there are no rows. */
export function target(before: Selection, order: readonly string[], pressed: string): string | null {
  const step = STEPS[pressed];
  if (step === undefined || order.length === 0) {
    return null;
  }
  const at = before.cursor === null ? -1 : order.indexOf(before.cursor);
  const to = at < 0 && step === 1 ? 0 : Math.min(order.length - 1, Math.max(0, at + step));
  return order[to] ?? null;
}
