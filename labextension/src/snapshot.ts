/** A job at one moment, as the kernel sends it. The keys are the Python field names; `tests/golden` pins them. */

export const JOB_STATES = ["INITIALIZING", "QUEUED", "RUNNING", "DONE", "CANCELLED", "ERROR"] as const;
export type JobState = (typeof JOB_STATES)[number];

export const CANCEL_STATES = ["NONE", "REQUESTED", "CONFIRMED", "REFUSED", "TOO_LATE"] as const;
export type CancelState = (typeof CANCEL_STATES)[number];

/** Why a job failed, as text. */
export type JobError = Readonly<{ type: string; message: string; traceback: string | null }>;

/** One histogram: the most frequent outcomes, and what was left out. */
export type CountsPanel = Readonly<{
  title: string;
  shots: number;
  bars: readonly Readonly<{ label: string; count: number }>[];
  other_outcomes: number;
  other_count: number;
}>;

/** A row of expectation values; `std` is the standard error, where it is known. */
export type ExpectationPanel = Readonly<{
  title: string;
  points: readonly Readonly<{ label: string; value: number; std: number | null }>[];
  more_points: number;
}>;

/** A picture of the result, small enough to be sent with the state. */
export type ResultPreview = Readonly<
  | { kind: "counts"; panels: readonly CountsPanel[]; more_panels: number }
  | { kind: "expectation_values"; panels: readonly ExpectationPanel[]; more_panels: number }
>;

/** Text by name, in the order in which it is shown. */
export type TextMap = Readonly<Record<string, string>>;

/** Times are epoch seconds of the kernel's clock; unknown is `null`, never 0 or -1. */
export type JobSnapshot = Readonly<{
  uid: string;
  job_id: string;
  name: string | null;
  provider: string;
  backend: string | null;
  state: JobState;
  status_text: string | null;
  progress: number | null;
  progress_text: string | null;
  queue_position: string | null;
  estimated_start_at: number | null;
  created_at: number | null;
  queued_at: number | null;
  started_at: number | null;
  finished_at: number | null;
  cancel_state: CancelState;
  cancel_detail: string | null;
  message: string | null;
  error: JobError | null;
  /** The end of what the job printed. */
  log: string | null;
  stale_since: number | null;
  can_cancel: boolean;
  remote: boolean;
  waiting: boolean;
  can_preview: boolean;
  result_preview: ResultPreview | null;
  metadata: TextMap;
  locator: TextMap | null;
  /** The notebook cell that started the job. */
  cell_id: string | null;
}>;

type Check = (value: unknown) => boolean;

const text: Check = value => typeof value === "string";
const flag: Check = value => typeof value === "boolean";
const finite: Check = value => typeof value === "number" && Number.isFinite(value);
const record: Check = value => typeof value === "object" && value !== null && !Array.isArray(value);
const texts: Check = value => record(value) && Object.values(value as object).every(text);
const oneOf =
  (words: readonly string[]): Check =>
  value =>
    words.includes(value as string);
const orNull =
  (check: Check): Check =>
  value =>
    value === null || check(value);

const CHECKS: Readonly<Record<keyof JobSnapshot, Check>> = {
  uid: text,
  job_id: text,
  name: orNull(text),
  provider: text,
  backend: orNull(text),
  state: oneOf(JOB_STATES),
  status_text: orNull(text),
  progress: orNull(finite),
  progress_text: orNull(text),
  queue_position: orNull(text),
  estimated_start_at: orNull(finite),
  created_at: orNull(finite),
  queued_at: orNull(finite),
  started_at: orNull(finite),
  finished_at: orNull(finite),
  cancel_state: oneOf(CANCEL_STATES),
  cancel_detail: orNull(text),
  message: orNull(text),
  error: orNull(record),
  log: orNull(text),
  stale_since: orNull(finite),
  can_cancel: flag,
  remote: flag,
  waiting: flag,
  can_preview: flag,
  result_preview: orNull(record),
  metadata: texts,
  locator: orNull(texts),
  cell_id: orNull(text)
};

/** Every key of the wire form, in its order. */
export const FIELDS = Object.keys(CHECKS) as readonly (keyof JobSnapshot)[];

/** The first field of `value` that no snapshot may have so, or `null` where all are well. */
export function wrongField(value: Readonly<Record<string, unknown>>): keyof JobSnapshot | null {
  return FIELDS.find(name => !CHECKS[name](value[name])) ?? null;
}

/** Whether `value`, which may come from anywhere, has the wire form of a snapshot. */
export function isJobSnapshot(value: unknown): value is JobSnapshot {
  return record(value) && wrongField(value as Record<string, unknown>) === null;
}

/** Whether no further state is expected. */
export function isFinal(state: JobState): boolean {
  return state === "DONE" || state === "CANCELLED" || state === "ERROR";
}
