/** What is said when jobs end. */
import { formatDuration } from "../../i18n/duration";
import type { IHubJob } from "../../hub/tokens";
import { strings } from "../../i18n/strings";
import { trans } from "../../i18n/translation";
import { clip } from "../clip";
import { kindOf, tallyOf, tallyText } from "../jobKind";
import { waitedFor } from "./completionTracker";

/** One message. `job` is the one it is about, `null` where there are several. */
export type JobNotification = Readonly<{ type: "success" | "error" | "info"; text: string; job: IHubJob | null }>;

/** JupyterLab shows 140 characters: the name leaves room for the reason. */
const NAME_LENGTH = 40;
const TEXT_LENGTH = 140;

/** What is said of one job that has ended. A failure says why. */
export function notificationOf(job: IHubJob): JobNotification {
  const name = clip(strings.titleOf(job.snapshot) || trans.__("Job"), NAME_LENGTH);
  const kind = kindOf(job);
  if (kind === "failed") {
    return { type: "error", text: clip(failureText(job, name), TEXT_LENGTH), job };
  }
  if (kind === "cancelled") {
    return { type: "info", text: trans.__("%1 was cancelled", name), job };
  }
  const seconds = waitedFor(job);
  const text =
    seconds === null ? trans.__("%1 finished", name) : trans.__("%1 finished in %2", name, formatDuration(seconds));
  return { type: "success", text, job };
}

function failureText({ snapshot: { error, message, gone } }: IHubJob, name: string): string {
  if (gone) {
    return trans.__("%1 is gone: the provider no longer knows this job", name);
  }
  const reason = error ? strings.errorLine(error) : message;
  return reason ? trans.__("%1 failed: %2", name, reason) : trans.__("%1 failed", name);
}

/** What is said of many jobs that ended at about the same time. */
export function notificationOfMany(jobs: readonly IHubJob[]): JobNotification {
  const tally = tallyOf(jobs);
  const text = trans.__("%1 jobs finished: %2", jobs.length, tallyText(tally));
  return { type: tally.failed > 0 ? "error" : "success", text, job: null };
}
