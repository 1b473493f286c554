/** A card whose kernel does not report changes, or no longer does. */
import type { CancelPlan } from "./cancelPlan";
import { isFinal, type JobSnapshot } from "../wire/snapshot";
import { strings } from "../i18n/strings";

/**
 * How far a snapshot can be trusted: `live`, the kernel reports each change; `lost`, the connection to it is broken
 * and may come back; `gone`, the kernel is restarted, dead or shut down, and the snapshot is the last that was known.
 */
export type JobConnection = "live" | "lost" | "gone";

/**
 * The connection of a card: that of its job; or `connecting`, until it is known whether the kernel knows the job; or
 * `untracked`, when the kernel no longer tracks the job.
 */
export type CardConnection = JobConnection | "connecting" | "untracked";

/** Whether the job had not ended in the last known snapshot, and no newer one will come. */
export function isOutdated({ state }: JobSnapshot, connection: CardConnection): boolean {
  return connection !== "live" && !isFinal(state);
}

/** The snapshot without what only a kernel could do or tell. */
export function withoutKernel(snapshot: JobSnapshot): JobSnapshot {
  const run = snapshot.run && { ...snapshot.run, can_rerun: false };
  return { ...snapshot, can_preview: false, waiting: false, stale_since: null, run };
}

/** What a card says and offers while its snapshot is outdated. */
export function outdatedPlan(snapshot: JobSnapshot, connection: CardConnection): CancelPlan {
  const text = outdatedText(snapshot, connection);
  const note = text === null ? null : ({ tone: "warning", text } as const);
  return { cancel: "none", label: strings.CANCEL, stopWaiting: "none", note };
}

function outdatedText({ locator }: JobSnapshot, connection: CardConnection): string | null {
  switch (connection) {
    case "live":
    case "connecting":
      return null;
    case "lost":
      return strings.KERNEL_LOST;
    case "untracked":
      return strings.JOB_UNTRACKED;
    case "gone":
      return locator === null ? strings.KERNEL_GONE : strings.KERNEL_GONE_JOB_FOUND;
  }
}
