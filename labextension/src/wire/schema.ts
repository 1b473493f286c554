/* eslint-disable max-lines -- generated */
/**
 * What goes over the wire. Generated from primwidgets/snapshot.py and primwidgets/_jupyter/protocol.py: change those,
 * then `npm run generate`.
 */
import {
  choice,
  constant,
  flag,
  identifier,
  listOf,
  number,
  numbers,
  oneOf,
  orElse,
  orNull,
  record,
  text,
  textMap,
  whenMissing,
  type Fields,
  type Reader
} from "./readers";

/** Text by name, in the order in which it is shown. */
export type TextMap = Readonly<Record<string, string>>;

/** Of all messages; raised only when one changes its meaning. */
export const PROTOCOL_VERSION = 1;

/** What can be asked for of one job. */
export const JOB_VERBS = ["cancel", "stop_waiting", "preview", "rerun", "refresh"] as const;
export type Verb = (typeof JOB_VERBS)[number];

/** What can be asked for of all jobs of a kernel. */
export const HUB_VERBS = ["sync", "clear_finished"] as const;
export type HubVerb = (typeof HUB_VERBS)[number];

/** The coarse state of a job, in Qiskit's words (VALIDATING counts as INITIALIZING). */
export const JOB_STATES = ["INITIALIZING", "QUEUED", "RUNNING", "DONE", "CANCELLED", "ERROR"] as const;
export type JobState = (typeof JOB_STATES)[number];

/** The outcome of a request to cancel. */
export const CANCEL_STATES = ["NONE", "REQUESTED", "CONFIRMED", "REFUSED", "TOO_LATE"] as const;
export type CancelState = (typeof CANCEL_STATES)[number];

/** The formats of images that a browser draws. */
export const IMAGE_FORMATS = ["png", "jpeg", "gif", "webp", "svg+xml"] as const;
export type ImageFormat = (typeof IMAGE_FORMATS)[number];

/** A command that says nothing but its verb and its job. */
export type NoArguments = Readonly<Record<string, never>>;

/** What a frontend that asks for all jobs says of itself. */
export type SyncArguments = Readonly<{
  /** Whether it draws the outputs of jobs by the messages of the hub. */
  draws_outputs: boolean;
}>;

export const readSyncArguments: Reader<SyncArguments> = record<SyncArguments>({
  draws_outputs: whenMissing(false, flag)
});

/** One frame; `own` says that it is the user's code, `cell` is the number of the cell that it is of. */
export type FailureFrame = Readonly<{
  file: string;
  cell: number | null;
  line: number;
  function: string;
  own: boolean;
  first_line: number;
  source: readonly string[];
}>;

export const readFailureFrame: Reader<FailureFrame> = record<FailureFrame>({
  file: text(300),
  cell: orNull(number(0, 9_007_199_254_740_991, true)),
  line: number(0, 9_007_199_254_740_991, true),
  function: text(300),
  own: flag,
  first_line: number(0, 9_007_199_254_740_991, true),
  source: listOf(text(200), 5)
});

/** One exception of a chain; `caused` says that the one before it in the chain was raised `from` it. */
export type FailureStep = Readonly<{
  type: string;
  message: string;
  caused: boolean;
  frames: readonly FailureFrame[];
  left_out: number;
}>;

export const readFailureStep: Reader<FailureStep> = record<FailureStep>({
  type: text(300),
  message: text(2_000),
  caused: flag,
  frames: listOf(readFailureFrame, 20),
  left_out: number(0, 9_007_199_254_740_991, true)
});

/** Why a job failed, as text. */
export type JobError = Readonly<{
  /** Name of the exception's class, or the provider's error code. */
  type: string;
  /** The exception's message. */
  message: string;
  /** The formatted traceback, where there is one. */
  traceback: string | null;
  /** The exception and what caused it, with their frames; empty where that is not known. */
  chain: readonly FailureStep[];
}>;

export const readJobError: Reader<JobError> = record<JobError>({
  type: text(300),
  message: text(4_000),
  traceback: whenMissing(null, orNull(text(40_000, true))),
  chain: whenMissing([], listOf(readFailureStep, 5))
});

/** The values that a job reported under one name. */
export type Series = Readonly<{
  /** What the numbers are, e.g. `"energy"`. */
  name: string;
  /** How many values there are. */
  count: number;
  /** The first value; `null` where it is no finite number. */
  first: number | null;
  /** The last one so far; `null` where it is no finite number. */
  latest: number | null;
  /** The lowest finite value, or the highest; `null` if there is none. */
  best: number | null;
  /** Whether the best value is the highest one. */
  highest_is_best: boolean;
  /** Of the points that are drawn, how many reports of the job came before each. */
  steps: readonly number[];
  /** Their values; `null` interrupts the line, where a value is no finite number. */
  values: readonly (number | null)[];
}>;

export const readSeries: Reader<Series> = record<Series>({
  name: text(100),
  count: number(0, 9_007_199_254_740_991, true),
  first: orNull(number(-1e300, 1e300)),
  latest: orNull(number(-1e300, 1e300)),
  best: orNull(number(-1e300, 1e300)),
  highest_is_best: flag,
  steps: numbers(500, 0, 9_007_199_254_740_991),
  values: numbers(500, -1e300, 1e300, true)
});

/** How often one outcome was seen. */
export type CountsBar = Readonly<{
  label: string;
  count: number;
}>;

export const readCountsBar: Reader<CountsBar> = record<CountsBar>({
  label: text(160),
  count: number(0, 9_007_199_254_740_991, true)
});

/** One histogram: the most frequent outcomes, and what was left out. */
export type CountsPanel = Readonly<{
  title: string;
  shots: number;
  bars: readonly CountsBar[];
  other_outcomes: number;
  other_count: number;
}>;

export const readCountsPanel: Reader<CountsPanel> = record<CountsPanel>({
  title: text(300),
  shots: number(0, 9_007_199_254_740_991, true),
  bars: listOf(readCountsBar, 16),
  other_outcomes: number(0, 9_007_199_254_740_991, true),
  other_count: number(0, 9_007_199_254_740_991, true)
});

/** Histograms. */
export type CountsPreview = Readonly<{
  kind: "counts";
  panels: readonly CountsPanel[];
  more_panels: number;
}>;

export const readCountsPreview: Reader<CountsPreview> = record<CountsPreview>({
  kind: constant("counts"),
  panels: listOf(readCountsPanel, 24),
  more_panels: number(0, 9_007_199_254_740_991, true)
});

/** One expectation value; `std` is its standard error, where it is known. */
export type ExpectationPoint = Readonly<{
  label: string;
  value: number;
  std: number | null;
}>;

export const readExpectationPoint: Reader<ExpectationPoint> = record<ExpectationPoint>({
  label: text(160),
  value: number(-1e300, 1e300),
  std: orNull(number(0, 1e300))
});

/** Expectation values: named ones, or with `axis` a curve over what that says, such as the parameter set. */
export type ExpectationPanel = Readonly<{
  title: string;
  axis: string | null;
  points: readonly ExpectationPoint[];
  more_points: number;
}>;

export const readExpectationPanel: Reader<ExpectationPanel> = record<ExpectationPanel>({
  title: text(300),
  axis: orNull(text(300)),
  points: listOf(readExpectationPoint, 64),
  more_points: number(0, 9_007_199_254_740_991, true)
});

/** Expectation values. */
export type ExpectationPreview = Readonly<{
  kind: "expectation_values";
  panels: readonly ExpectationPanel[];
  more_panels: number;
}>;

export const readExpectationPreview: Reader<ExpectationPreview> = record<ExpectationPreview>({
  kind: constant("expectation_values"),
  panels: listOf(readExpectationPanel, 24),
  more_panels: number(0, 9_007_199_254_740_991, true)
});

/** An image; `data` is base64. */
export type ResultImage = Readonly<{
  format: ImageFormat;
  data: string;
}>;

export const readResultImage: Reader<ResultImage> = record<ResultImage>({
  format: oneOf(IMAGE_FORMATS),
  data: identifier(240_000)
});

/** JSON of a MIME type that JupyterLab may have a renderer for. */
export type ResultDocument = Readonly<{
  mime_type: string;
  data: string;
}>;

export const readResultDocument: Reader<ResultDocument> = record<ResultDocument>({
  mime_type: identifier(300),
  data: identifier(240_000)
});

/** A result as Jupyter would display it. The HTML is untrusted: sanitise or isolate it before it is drawn. */
export type DisplayPreview = Readonly<{
  kind: "display";
  summary: string;
  text: string;
  html: string | null;
  image: ResultImage | null;
  document: ResultDocument | null;
}>;

export const readDisplayPreview: Reader<DisplayPreview> = record<DisplayPreview>({
  kind: constant("display"),
  summary: text(120),
  text: text(8_000),
  html: orNull(identifier(60_000)),
  image: orNull(readResultImage),
  document: orNull(readResultDocument)
});

/** One job of a group, in a line. */
export type GroupMember = Readonly<{
  /** Names it within its kernel. */
  uid: string;
  /** What it is called, else its id. */
  name: string;
  /** Its coarse state. */
  state: JobState;
  /** Fraction done, 0..1, while it runs. */
  progress: number | null;
  /** How long it ran, once it has ended. */
  seconds: number | null;
  /** Why it failed. */
  note: string | null;
}>;

export const readGroupMember: Reader<GroupMember> = record<GroupMember>({
  uid: identifier(64),
  name: text(300),
  state: oneOf(JOB_STATES),
  progress: whenMissing(null, orNull(number(0, 1))),
  seconds: whenMissing(null, orNull(number(0, 253_402_300_799))),
  note: whenMissing(null, orNull(text(300)))
});

/** What a job that is a group of jobs consists of. */
export type GroupSummary = Readonly<{
  /** The number of its members. */
  total: number;
  /** How many of them succeeded. */
  done: number;
  /** How many failed. */
  failed: number;
  /** How many were cancelled. */
  cancelled: number;
  /** How many run. */
  running: number;
  /** How many have not started. */
  waiting: number;
  /** Whether members may still be added. */
  is_open: boolean;
  /** Some of them: first those that failed, then those that run or wait, then the newest ends. */
  members: readonly GroupMember[];
}>;

export const readGroupSummary: Reader<GroupSummary> = record<GroupSummary>({
  total: number(0, 9_007_199_254_740_991, true),
  done: whenMissing(0, number(0, 9_007_199_254_740_991, true)),
  failed: whenMissing(0, number(0, 9_007_199_254_740_991, true)),
  cancelled: whenMissing(0, number(0, 9_007_199_254_740_991, true)),
  running: whenMissing(0, number(0, 9_007_199_254_740_991, true)),
  waiting: whenMissing(0, number(0, 9_007_199_254_740_991, true)),
  is_open: whenMissing(false, flag),
  members: whenMissing([], listOf(readGroupMember, 100))
});

/** Which run of its function call a job is, and whether there can be another one. */
export type RunSummary = Readonly<{
  /** The number of the run, from 1. */
  number: number;
  /** The `uid` of the job that it repeats. */
  repeats: string | null;
  /** Whether the call can be run again: its function and arguments are still kept. */
  can_rerun: boolean;
  /** How many times this job was run again. */
  reruns: number;
  /** Why that was not possible when it was tried last. */
  problem: string | null;
}>;

export const readRunSummary: Reader<RunSummary> = record<RunSummary>({
  number: whenMissing(1, number(0, 9_007_199_254_740_991, true)),
  repeats: whenMissing(null, orNull(identifier(64))),
  can_rerun: whenMissing(true, flag),
  reruns: whenMissing(0, number(0, 9_007_199_254_740_991, true)),
  problem: whenMissing(null, orNull(text(4_000)))
});

/** Which attempt of its call a job is at, where a call that fails is started again or has a time limit. */
export type AttemptSummary = Readonly<{
  /** The number of the attempt, from 1; between two attempts, that of the next one. */
  number: number;
  /** How many attempts there may be. */
  most: number;
  /** Why earlier attempts failed, by their numbers; of many, the latest. */
  errors: TextMap;
  /** What keeps the call from ending or from being started again. */
  problem: string | null;
}>;

export const readAttemptSummary: Reader<AttemptSummary> = record<AttemptSummary>({
  number: whenMissing(1, number(0, 9_007_199_254_740_991, true)),
  most: whenMissing(1, number(0, 9_007_199_254_740_991, true)),
  errors: whenMissing({}, textMap(64, 300)),
  problem: whenMissing(null, orNull(text(4_000)))
});

/** A job at one moment. Unknown is `null`, never 0 or -1. Times are epoch seconds. */
export type JobSnapshot = Readonly<{
  /** Names the job within its kernel. */
  uid: string;
  /** The provider's id. */
  job_id: string;
  /** What the user called it. */
  name: string | null;
  /** Where it runs, in the provider's own spelling. */
  provider: string;
  /** The device or pool it runs on. */
  backend: string | null;
  /** The coarse state. */
  state: JobState;
  /** The provider's own word for its status. */
  status_text: string | null;
  /** Fraction done, 0..1. */
  progress: number | null;
  /** What the fraction counts, e.g. `"3 of 7 circuits"`. */
  progress_text: string | null;
  /** How fast it goes on, e.g. `"41 it/s"`. */
  rate: string | null;
  /** When it will be done if it goes on at that speed. */
  estimated_end_at: number | null;
  /** Text, because some providers say `">2000"`. */
  queue_position: string | null;
  /** When the provider expects it to start. */
  estimated_start_at: number | null;
  /** When it was submitted. */
  created_at: number | null;
  /** When it entered the queue. */
  queued_at: number | null;
  /** When it began to run. */
  started_at: number | null;
  /** When it reached a final state. */
  finished_at: number | null;
  /** The outcome of a request to cancel. */
  cancel_state: CancelState;
  /** The provider's reason for a refusal, or why the job cannot be cancelled. */
  cancel_detail: string | null;
  /** Whether the provider says that it is cancelling the job, which has not ended yet. */
  being_cancelled: boolean;
  /** Whether the provider deleted the job before it reported how the job ended; the state is ERROR then. */
  gone: boolean;
  /** A short message from the provider. */
  message: string | null;
  /** Why it failed. */
  error: JobError | null;
  /** The end of what it printed. */
  log: string | null;
  /** The numbers that it reported, a line for each name. */
  series: readonly Series[];
  /** The provider has not answered since. */
  stale_since: number | null;
  /** Whether asking the provider to cancel can help now. */
  can_cancel: boolean;
  /** Whether the job runs on a remote machine, so that a cancel needs a confirmation. */
  remote: boolean;
  /** Whether some cell is blocked in `result()`, so that *Stop waiting* can help. */
  waiting: boolean;
  /** Whether a picture of the result can be asked for. */
  can_preview: boolean;
  /** A picture of the result, in the wire form of `adapters.preview`. */
  result_preview: CountsPreview | ExpectationPreview | DisplayPreview | null;
  /** What the provider or the user noted on the job, as text. */
  metadata: TextMap;
  /** How to find the job again from another process. */
  locator: TextMap | null;
  /** The notebook cell that started it. */
  cell_id: string | null;
  /** What it consists of, if it is a group of jobs. */
  group: GroupSummary | null;
  /** The `job_id` of the group that it belongs to. */
  group_id: string | null;
  /** Which run of its function call it is; `null` where the call cannot be known. */
  run: RunSummary | null;
  /** Which attempt of that run it is at; `null` where there is only one, without a time limit. */
  attempts: AttemptSummary | null;
}>;

const SNAPSHOT: Fields<JobSnapshot> = {
  uid: identifier(64),
  job_id: orElse("", text(300)),
  name: orElse(null, text(300)),
  provider: orElse("", text(300)),
  backend: orElse(null, text(300)),
  state: whenMissing("INITIALIZING", oneOf(JOB_STATES)),
  status_text: orElse(null, text(300)),
  progress: orElse(null, number(0, 1)),
  progress_text: orElse(null, text(300)),
  rate: orElse(null, text(300)),
  estimated_end_at: orElse(null, number(0, 253_402_300_799)),
  queue_position: orElse(null, text(300)),
  estimated_start_at: orElse(null, number(0, 253_402_300_799)),
  created_at: orElse(null, number(0, 253_402_300_799)),
  queued_at: orElse(null, number(0, 253_402_300_799)),
  started_at: orElse(null, number(0, 253_402_300_799)),
  finished_at: orElse(null, number(0, 253_402_300_799)),
  cancel_state: whenMissing("NONE", oneOf(CANCEL_STATES)),
  cancel_detail: orElse(null, text(4_000)),
  being_cancelled: orElse(false, flag),
  gone: orElse(false, flag),
  message: orElse(null, text(4_000)),
  error: orElse(null, readJobError),
  log: orElse(null, text(4_000, true)),
  series: orElse([], listOf(readSeries, 16)),
  stale_since: orElse(null, number(0, 253_402_300_799)),
  can_cancel: orElse(false, flag),
  remote: orElse(false, flag),
  waiting: orElse(false, flag),
  can_preview: orElse(false, flag),
  result_preview: orElse(
    null,
    choice({ counts: readCountsPreview, expectation_values: readExpectationPreview, display: readDisplayPreview })
  ),
  metadata: orElse({}, textMap(64, 300)),
  locator: orElse(null, textMap(64, 300)),
  cell_id: orElse(null, text(300)),
  group: orElse(null, readGroupSummary),
  group_id: orElse(null, text(300)),
  run: orElse(null, readRunSummary),
  attempts: orElse(null, readAttemptSummary)
};

export const SNAPSHOT_FIELDS = Object.keys(SNAPSHOT);
export const readJobSnapshot = record(SNAPSHOT);

/** What each command says beside its verb and its job. */
export type CommandArguments = Readonly<{
  cancel: NoArguments;
  stop_waiting: NoArguments;
  preview: NoArguments;
  rerun: NoArguments;
  refresh: NoArguments;
  sync: SyncArguments;
  clear_finished: NoArguments;
}>;

/** Further rows that a subclass of the widget shows. */
export const readCardRows: Reader<TextMap> = textMap(64, 4_000);
