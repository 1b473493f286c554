import type { JSX } from "preact";

/** A moment in the reader's own time; the day is named when it is not today. */
export function Moment({ at, now }: { at: number; now: number }): JSX.Element {
  const date = new Date(at * 1000);
  const today = date.toDateString() === new Date(now * 1000).toDateString();
  return <time dateTime={isoText(date)}>{today ? date.toLocaleTimeString() : date.toLocaleString()}</time>;
}

/** `toISOString` throws for moments that no calendar has. */
function isoText(date: Date): string | undefined {
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
