import type { JSX } from "preact";

import type { IHubJob } from "../hub/tokens";
import { isFinal, type JobSnapshot } from "../wire/snapshot";

/** From the first submission to the last end, or to now; epoch seconds. */
export type TimeSpan = Readonly<{ from: number; to: number }>;

/** The time that all jobs together took. */
export function spanOf(jobs: readonly IHubJob[], now: number): TimeSpan {
  let [from, to] = [Infinity, -Infinity];
  for (const { snapshot } of jobs) {
    from = Math.min(from, snapshot.created_at ?? Infinity);
    to = Math.max(to, isFinal(snapshot.state) ? (snapshot.finished_at ?? -Infinity) : now);
  }
  return from < to ? { from, to } : { from: now - 1, to: now };
}

/** When a job waited and when it ran, on the time line of all jobs. */
export function TimeBar({ snapshot, span, now }: { snapshot: JobSnapshot; span: TimeSpan; now: number }): JSX.Element {
  const { created_at, started_at, finished_at, state } = snapshot;
  const end = finished_at ?? now;
  return (
    <div class="primwidgets-JobBoard-times" aria-hidden="true" data-state={state}>
      {created_at !== null && <Piece part="queue" from={created_at} to={started_at ?? end} span={span} />}
      {started_at !== null && <Piece part="run" from={started_at} to={end} span={span} />}
    </div>
  );
}

function Piece({ part, from, to, span }: { part: string; from: number; to: number; span: TimeSpan }): JSX.Element {
  const place = (at: number): number => Math.min(100, Math.max(0, (100 * (at - span.from)) / (span.to - span.from)));
  return (
    <div data-part={part} style={{ insetInlineStart: `${place(from)}%`, inlineSize: `${place(to) - place(from)}%` }} />
  );
}
