/** Every text that the card shows, in one place, so that a translation can take its place. */
import { formatElapsed, formatRough } from "./duration";
import type { JobError, JobSnapshot, JobState } from "./snapshot";

export const STATE_WORDS: Readonly<Record<JobState, string>> = {
  INITIALIZING: "Initializing",
  QUEUED: "Queued",
  RUNNING: "Running",
  DONE: "Done",
  CANCELLED: "Cancelled",
  ERROR: "Failed"
};

export const CANCEL = "Cancel";
export const CANCELLING = "Cancelling…";
export const CANCEL_REQUESTED = "Cancel requested…";
export const CANCEL_CONFIRMED = "Cancelled";
export const CONFIRM_QUESTION = "Cancel this job?";
export const CONFIRM_YES = "Cancel job";
export const CONFIRM_NO = "Keep running";
export const TOO_LATE = "Too late: it finished first";
export const KERNEL_SILENT = "The kernel has not answered yet.";
export const WAITING_FOR_CELL = "Waiting for the running cell: the request is handled when the cell ends";
export const STOP_WAITING = "Stop waiting";
export const STOP_WAITING_HINT = "Ends the wait in the running cell. The job goes on.";
export const STOPPING = "Stopping…";

export const SHOW_RESULT = "Show result";
export const LOADING = "Loading…";
export const DETAILS = "Details";
export const RESULT = "Result";
export const OUTCOME = "Outcome";
export const COUNT = "Count";
export const OBSERVABLE = "Observable";
export const VALUE = "Value";
export const TIMELINE = "Timeline";
export const JOB = "Job";
export const METADATA = "Metadata";
export const LOCATOR = "Find it again";
export const ERROR = "Error";
export const TRACEBACK = "Traceback";
export const COPY = "Copy";
export const COPIED = "Copied";
export const NOT_COPIED = "Could not copy";
export const ALMOST_DONE = "almost done";

export const ROW_NAMES = {
  job_id: "Job id",
  provider: "Provider",
  backend: "Backend",
  status_text: "Provider’s status",
  progress_text: "Progress",
  message: "Message",
  cancel_detail: "Cancel"
} as const satisfies Partial<Record<keyof JobSnapshot, string>>;

/** What the card is called in its first line. */
export function titleOf(snapshot: JobSnapshot): string {
  return snapshot.name ?? snapshot.job_id;
}

/** What a screen reader calls the card. */
export function cardName(snapshot: JobSnapshot): string {
  return [titleOf(snapshot) || JOB, snapshot.provider].filter(Boolean).join(", ");
}

export const progressName = (snapshot: JobSnapshot): string => `Progress of ${titleOf(snapshot) || JOB}`;
/** Rounded down: 100% is said only of what is complete. */
export const percentage = (progress: number): string => `${Math.floor(progress * 100)}%`;
export const queuePosition = (position: string): string => `position ${position}`;
export const startsIn = (seconds: number): string =>
  seconds < 1 ? "starts soon" : `starts in about ${formatRough(seconds)}`;
export const waitedFor = (seconds: number): string => `waiting ${formatElapsed(seconds)}`;
export const timeLeft = (seconds: number): string => (seconds < 1 ? ALMOST_DONE : `about ${formatRough(seconds)} left`);
export const noAnswer = (provider: string, seconds: number): string =>
  `No answer from ${provider || "the provider"} for ${formatElapsed(seconds)}`;
export const refused = (reason: string | null): string => (reason ? `Cancel refused: ${reason}` : "Cancel refused");
export const errorLine = ({ type, message }: JobError): string => (message ? `${type}: ${message}` : type);
export const shots = (count: number): string => (count === 1 ? "1 shot" : `${count} shots`);
export const otherOutcomes = (count: number): string => (count === 1 ? "1 other" : `${count} others`);
export const morePoints = (count: number): string => `and ${count} more`;
export const morePanels = (count: number): string => (count === 1 ? "and 1 more panel" : `and ${count} more panels`);
export const plusMinus = (value: number, std: number | null): string =>
  std === null ? significant(value) : `${significant(value)} ± ${significant(std)}`;
export const copyWhat = (what: string): string => `Copy ${what}`;

/** A number as short text: four decimals for what is near 1, else four significant digits. */
export function significant(value: number): string {
  const size = Math.abs(value);
  const plain = size === 0 || (size >= 0.001 && size < 10_000);
  return (plain ? String(Number(value.toPrecision(4))) : value.toExponential(2)).replace("-", "−");
}
