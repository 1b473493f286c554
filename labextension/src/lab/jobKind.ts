/** The kind of a job in lists: coarser than its state, and valid after its kernel has stopped. */
import type { IHubJob } from "../hub/tokens";
import { isFinal, type JobState } from "../wire/snapshot";
import { trans } from "../i18n/translation";

/** `gone`: it had not ended when its kernel stopped, so its state is unknown. */
export const JOB_KINDS = ["running", "queued", "failed", "done", "cancelled", "gone"] as const;
export type JobKind = (typeof JOB_KINDS)[number];

/** How many jobs there are of each kind. */
export type Tally = Readonly<Record<JobKind, number>>;

const KIND_OF: Readonly<Record<JobState, JobKind>> = {
  INITIALIZING: "queued",
  QUEUED: "queued",
  RUNNING: "running",
  DONE: "done",
  CANCELLED: "cancelled",
  ERROR: "failed"
};

export function kindOf({ snapshot, connection }: IHubJob): JobKind {
  return connection === "gone" && !isFinal(snapshot.state) ? "gone" : KIND_OF[snapshot.state];
}

/** Whether the job has not ended, as far as anybody knows. */
export function isLive(job: IHubJob): boolean {
  const kind = kindOf(job);
  return kind === "running" || kind === "queued";
}

/** Whether asking for a cancel makes sense: the job is live and its kernel can be reached. */
export function isCancellable(job: IHubJob): boolean {
  return job.connection === "live" && isLive(job) && job.snapshot.can_cancel;
}

export function tallyOf(jobs: readonly IHubJob[]): Tally {
  const tally = { running: 0, queued: 0, failed: 0, done: 0, cancelled: 0, gone: 0 };
  for (const job of jobs) {
    tally[kindOf(job)] += 1;
  }
  return tally;
}

/** "3 running". */
export function countText(kind: JobKind, count: number): string {
  switch (kind) {
    case "running":
      return trans.__("%1 running", count);
    case "queued":
      return trans.__("%1 queued", count);
    case "failed":
      return trans.__("%1 failed", count);
    case "done":
      return trans.__("%1 done", count);
    case "cancelled":
      return trans.__("%1 cancelled", count);
    case "gone":
      return trans.__("%1 without a kernel", count);
  }
}

/** "3 running", "1 failed": the kinds of which there are any. */
export function tallyParts(tally: Tally, kinds: readonly JobKind[] = JOB_KINDS): readonly string[] {
  return kinds.filter(kind => tally[kind] > 0).map(kind => countText(kind, tally[kind]));
}

/** "3 running · 1 failed". */
export function tallyText(tally: Tally, kinds?: readonly JobKind[]): string {
  return tallyParts(tally, kinds).join(" · ");
}
