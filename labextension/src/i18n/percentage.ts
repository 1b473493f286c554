/** Progress as short text; `primwidgets/_jupyter/formats.py` writes the same. */
import type { JobState } from "../wire/snapshot";

/** Products of a decimal fraction and 100 are off by less: 0.29 is 28.999999999999996 %. */
const ROUNDING_ERROR = 1e-9;

/** How far a job is, rounded down: "100 %" only of what is done, "0 %" only of what has not begun. */
export function formatPercentage(progress: number, state: JobState): string {
  const percent = percentDone(progress, state);
  const begun = state !== "INITIALIZING" && state !== "QUEUED";
  return percent === 0 && begun ? "<1 %" : `${percent} %`;
}

/** The fraction `progress`, 0..1, in whole per cent. */
export function percentDone(progress: number, state: JobState): number {
  return state === "DONE" ? 100 : Math.min(99, Math.floor(progress * 100 + ROUNDING_ERROR));
}
