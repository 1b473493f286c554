/** The job in the output of a cell, as `WidgetJob._bundle` writes it. */
import { asMoment } from "./drawableText";
import { PROTOCOL_VERSION } from "./protocol";
import { isRecord } from "./readers";
import { readSnapshot, type JobSnapshot } from "./snapshot";

/** The MIME type of a job. */
export const JOB_MIME_TYPE = "application/vnd.primwidgets.job+json";

/** A job in an output. */
export type StoredJob = Readonly<{
  /** Names the process that wrote it. */
  epoch: string;
  snapshot: JobSnapshot;
  /** When that process last knew this of the job, in epoch seconds; `null` where it did not say. */
  seenAt: number | null;
}>;

/** As much of a job in an output as tells it from all others. */
export type NamedJob = Readonly<{ epoch: string; snapshot: Pick<JobSnapshot, "uid"> }>;

/** The job in `data`, which may come from anywhere; `null` if there is none that this version can read. */
export function readStoredJob(data: unknown): StoredJob | null {
  if (!isRecord(data)) {
    return null;
  }
  const { primwidgets, epoch, snapshot: stored, seen_at } = data;
  const snapshot = primwidgets === PROTOCOL_VERSION && typeof epoch === "string" ? readSnapshot(stored) : null;
  return snapshot && { epoch: epoch as string, snapshot, seenAt: asMoment(seen_at) };
}

/** What `readStoredJob` reads. */
export function storedJob({ epoch, snapshot, seenAt }: StoredJob): Readonly<Record<string, unknown>> {
  return { primwidgets: PROTOCOL_VERSION, epoch, seen_at: seenAt, snapshot };
}
