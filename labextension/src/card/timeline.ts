/** The states a job went through and how long it stayed in each. */
import { isFinal, type JobSnapshot, type JobState } from "../wire/snapshot";

/** One state of the past or the present. Times are epoch seconds; `to` is `null` while it lasts and for a final state. */
export type Phase = Readonly<{ state: JobState; from: number | null; to: number | null }>;

/** The phases of a job, oldest first; what the provider did not say is left out. */
export function timelineOf(snapshot: JobSnapshot): readonly Phase[] {
  const starts: [JobState, number | null][] = [
    ["INITIALIZING", snapshot.created_at],
    ["QUEUED", snapshot.queued_at],
    ["RUNNING", snapshot.started_at]
  ];
  const known = starts.filter((start): start is [JobState, number] => start[1] !== null && start[0] !== snapshot.state);
  const current: [JobState, number | null] = [snapshot.state, sinceOf(snapshot)];
  const phases = [...known, current];
  return phases
    .map(([state, from], index) => ({ state, from, to: phases[index + 1]?.[1] ?? null }))
    .filter(({ state, from, to }) => isShown(state, snapshot.state, from, to));
}

/** How long, in seconds, a phase lasted or has lasted until `now`; `null` for a final state or an unknown start. */
export function durationOf(phase: Phase, now: number): number | null {
  if (phase.from === null || isFinal(phase.state)) {
    return null;
  }
  return Math.max(0, (phase.to ?? now) - phase.from);
}

/**
 * Seconds from the start, or from the submission of a job that never ran, to the end; `null` if unknown. The twin of
 * `length` in `primwidgets/_jupyter/formats.py`.
 */
export function lengthOf({ created_at, queued_at, started_at, finished_at }: JobSnapshot): number | null {
  const from = started_at ?? created_at ?? queued_at;
  return from === null || finished_at === null ? null : finished_at - from;
}

/** When the present state began. */
function sinceOf(snapshot: JobSnapshot): number | null {
  switch (snapshot.state) {
    case "INITIALIZING":
      return snapshot.created_at;
    case "QUEUED":
      return snapshot.queued_at ?? snapshot.created_at;
    case "RUNNING":
      return snapshot.started_at;
    case "DONE":
    case "CANCELLED":
    case "ERROR":
      return snapshot.finished_at;
  }
}

/** A state that lasted for fewer seconds is not worth a line: many providers give the same moment for two events. */
const SHORTEST = 0.1;

function isShown(state: JobState, now: JobState, from: number | null, to: number | null): boolean {
  return state === now || from === null || to === null || Math.abs(to - from) >= SHORTEST;
}
