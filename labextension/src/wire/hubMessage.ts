/** What the hub of a kernel tells; the twin of `primwidgets/_jupyter/hub.py`. It comes from a kernel and can be anything. */
import { PROTOCOL_VERSION } from "./protocol";
import { isRecord } from "./readers";
import type { JobSnapshot } from "./snapshot";

/** The comm target of the hub. */
export const HUB_TARGET = "primwidgets.hub";

/** The fields of a job that changed. Those of a job that is new are all there. */
export type JobDelta = Readonly<Partial<JobSnapshot> & { uid: string }>;

/** Changes of a kernel's jobs. */
export type HubMessage = Readonly<{
  /** Names the kernel's process. */
  epoch: string;
  /** Counts the messages of that process. */
  sequence: number;
  /** Whether these are all jobs with all fields, which replaces whatever was known. */
  whole: boolean;
  jobs: readonly JobDelta[];
  /** The jobs that the kernel has forgotten, by uid. */
  removed: readonly string[];
}>;

/** The message in `data`; `"foreign"` if it is of another version of the protocol, `null` if it is none of ours. */
export function readHubMessage(data: unknown): HubMessage | "foreign" | null {
  if (!isRecord(data) || !("primwidgets" in data)) {
    return null;
  }
  if (data["primwidgets"] !== PROTOCOL_VERSION) {
    return "foreign";
  }
  return isHubMessage(data) ? data : null;
}

function isHubMessage(data: Readonly<Record<string, unknown>>): data is HubMessage {
  const { epoch, sequence, whole, jobs, removed } = data;
  return (
    typeof epoch === "string" &&
    Number.isInteger(sequence) &&
    typeof whole === "boolean" &&
    Array.isArray(jobs) &&
    jobs.every(job => isRecord(job) && typeof job["uid"] === "string") &&
    Array.isArray(removed) &&
    removed.every(uid => typeof uid === "string")
  );
}
