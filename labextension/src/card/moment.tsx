import type { JSX } from "preact";

interface IMomentProps {
  at: number;
  now: number;
  /** Without seconds. */
  short?: boolean;
}

/** A moment in the reader's own time; the day is named when it is not today. */
export function Moment({ at, now, short }: IMomentProps): JSX.Element {
  const date = new Date(at * 1000);
  const today = date.toDateString() === new Date(now * 1000).toDateString();
  const time: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit" };
  if (!short) {
    time.second = "2-digit";
  }
  return (
    <time dateTime={isoText(date)}>
      <bdi>
        {today
          ? date.toLocaleTimeString(undefined, time)
          : date.toLocaleString(undefined, { day: "numeric", month: "short", year: "numeric", ...time })}
      </bdi>
    </time>
  );
}

/** `toISOString` throws for moments that no calendar has. */
function isoText(date: Date): string | undefined {
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
