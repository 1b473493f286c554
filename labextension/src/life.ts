/** A card whose kernel does not tell of changes, or no longer. */
import type { CancelPlan } from "./cancelPlan";
import { isFinal, type JobSnapshot } from "./snapshot";
import { strings } from "./strings";

/**
 * How far a snapshot can be trusted: `live`, the kernel tells of each change; `lost`, the connection to it is broken
 * and may come back; `gone`, the kernel is restarted, dead or shut down, and the snapshot is the last that was known.
 */
export type JobLife = "live" | "lost" | "gone";

/**
 * Where a card stands: like its job; or `asking`, while it is not known yet whether the kernel knows the job; or
 * `dropped`, when the kernel does not follow the job any more.
 */
export type CardLife = JobLife | "asking" | "dropped";

/** Whether a job had not ended when it was last heard of: nobody here knows how it is now. */
export function isAdrift({ state }: JobSnapshot, life: CardLife): boolean {
  return life !== "live" && !isFinal(state);
}

/** The snapshot without what only a kernel could do or tell. */
export function withoutKernel(snapshot: JobSnapshot): JobSnapshot {
  return { ...snapshot, can_preview: false, waiting: false, stale_since: null };
}

/** What a card says and offers while its job is adrift. */
export function driftPlan(snapshot: JobSnapshot, life: CardLife): CancelPlan {
  const text = driftText(snapshot, life);
  const note = text === null ? null : ({ tone: "warning", text } as const);
  return { cancel: "none", label: strings.CANCEL, stopWaiting: "none", note };
}

function driftText({ locator }: JobSnapshot, life: CardLife): string | null {
  switch (life) {
    case "live":
    case "asking":
      return null;
    case "lost":
      return strings.KERNEL_LOST;
    case "dropped":
      return strings.JOB_DROPPED;
    case "gone":
      return locator === null ? strings.KERNEL_GONE : strings.KERNEL_GONE_JOB_FOUND;
  }
}
