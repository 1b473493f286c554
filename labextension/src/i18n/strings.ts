/** Every text that the card shows, in one place and in the user's language. */
import { drawableText } from "../wire/drawableText";
import { formatDuration, formatElapsed, formatRough } from "./duration";
import { numberText } from "./number";
import type { JobError, JobSnapshot, JobState } from "../wire/snapshot";
import { decimal, ordinal, trans, translated } from "./translation";

/** The texts. Those without a parameter are looked up each time, too: the language is known only later. */
export const strings = {
  get STATE_WORDS(): Readonly<Record<JobState, string>> {
    return {
      INITIALIZING: trans.__("Initializing"),
      QUEUED: trans.__("Queued"),
      RUNNING: trans.__("Running"),
      DONE: trans.__("Done"),
      CANCELLED: trans.__("Cancelled"),
      ERROR: trans.__("Failed")
    };
  },
  get BEING_CANCELLED(): string {
    return trans.__("Cancelling");
  },
  get GONE(): string {
    return trans.__("Gone");
  },
  get ROW_NAMES() {
    return {
      job_id: trans.__("Job ID"),
      provider: trans.__("Provider"),
      backend: trans.__("Backend"),
      status_text: trans.__("Provider’s status"),
      progress_text: trans.__("Progress"),
      message: trans.__("Message"),
      cancel_detail: trans.__("Cancel")
    } as const satisfies Partial<Record<keyof JobSnapshot, string>>;
  },

  get CANCEL(): string {
    return trans.__("Cancel");
  },
  get CANCELLING(): string {
    return trans.__("Cancelling…");
  },
  get CANCEL_REQUESTED(): string {
    return trans.__("Cancel requested…");
  },
  get CANCEL_CONFIRMED(): string {
    return trans.__("Cancelled");
  },
  get CONFIRM_QUESTION(): string {
    return trans.__("Cancel this job?");
  },
  get CONFIRM_YES(): string {
    return trans.__("Cancel job");
  },
  get CONFIRM_NO(): string {
    return trans.__("Keep running");
  },
  get TOO_LATE(): string {
    return trans.__("Too late: it finished first");
  },
  get UNREADABLE(): string {
    return trans.__("The stored state of this job cannot be shown.");
  },
  get KERNEL_SILENT(): string {
    return trans.__("The kernel has not responded yet.");
  },
  get SENT_AGAIN(): string {
    return trans.__("The kernel has not answered yet. Sent again: it is handled when the running cell ends.");
  },
  get KERNEL_LOST(): string {
    return trans.__("The kernel does not respond. The card shows the last known state.");
  },
  get KERNEL_GONE(): string {
    return trans.__("The kernel that ran this job has stopped. The card shows the last known state.");
  },
  get KERNEL_GONE_JOB_FOUND(): string {
    return trans.__(
      "The kernel that started this job has stopped. The job may still be running: see “Find it again” in the details."
    );
  },
  get JOB_UNTRACKED(): string {
    return trans.__("The kernel no longer tracks this job. The card shows the last known state.");
  },
  get WAITING_FOR_CELL(): string {
    return trans.__("The kernel is busy: it handles the request when the running cell ends");
  },
  get STOP_WAITING(): string {
    return trans.__("Stop waiting");
  },
  get STOP_WAITING_HINT(): string {
    return trans.__("Stops waiting for the result in the running cell. The job continues.");
  },
  get STOPPING(): string {
    return trans.__("Stopping…");
  },
  get RUN_AGAIN(): string {
    return trans.__("Run again");
  },
  get RUN_AGAIN_HINT(): string {
    return trans.__("Runs the same function with the same arguments once more, as a new job.");
  },
  get STARTING(): string {
    return trans.__("Starting…");
  },
  get SHOW_RESULT(): string {
    return trans.__("Show result");
  },
  get LOADING(): string {
    return trans.__("Loading…");
  },
  get DETAILS(): string {
    return trans.__("Details");
  },
  get RESULT(): string {
    return trans.__("Result");
  },
  get OUTCOME(): string {
    return trans.__("Outcome");
  },
  get COUNT(): string {
    return trans.__("Count");
  },
  get PROBABILITY(): string {
    return trans.__("Probability");
  },
  get STANDARD_ERROR(): string {
    return trans.__("Standard error");
  },
  get PART_OF_RESULT(): string {
    return trans.__("Part of the result");
  },
  get SAVE_CSV(): string {
    return trans.__("Save as CSV");
  },
  get SAVE_IMAGE(): string {
    return trans.__("Save image");
  },
  get OBSERVABLE(): string {
    return trans.__("Observable");
  },
  get VALUE(): string {
    return trans.__("Value");
  },
  get VALUES(): string {
    return trans.__("Reported values");
  },
  get LOG_SCALE(): string {
    return trans.__("Log scale");
  },
  get NO_VALUE(): string {
    return trans.__("No value that can be drawn");
  },
  get OUTPUT(): string {
    return trans.__("Output");
  },
  get TIMELINE(): string {
    return trans.__("Timeline");
  },
  get JOB(): string {
    return trans.__("Job");
  },
  get MEMBERS(): string {
    return trans.__("Jobs");
  },
  get EARLIER_ATTEMPTS(): string {
    return trans.__("Earlier attempts");
  },
  get METADATA(): string {
    return trans.__("Metadata");
  },
  get LOCATOR(): string {
    return trans.__("Find it again");
  },
  get FIND_AGAIN_HINT(): string {
    return trans.__(
      "Inserts a cell with code that reconnects to the job from another kernel. It does not run the cell."
    );
  },
  get ERROR(): string {
    return trans.__("Error");
  },
  get TRACEBACK(): string {
    return trans.__("Traceback");
  },
  get CAUSED_BY(): string {
    return trans.__("Caused by");
  },
  get RAISED_WHILE(): string {
    return trans.__("Raised while handling");
  },
  get GO_TO_LINE(): string {
    return trans.__("Go to line");
  },
  get COPY(): string {
    return trans.__("Copy");
  },
  get COPY_ID(): string {
    return trans.__("Copy ID");
  },
  get COPIED(): string {
    return trans.__("Copied");
  },
  get NOT_COPIED(): string {
    return trans.__("Could not copy");
  },

  titleOf,
  stateWord,
  /** How long something took. */
  duration: (seconds: number): string => decimal(formatDuration(seconds)),
  /** What the kernel says of the job. */
  translated,
  significant: (value: number | null): string => decimal(numberText(value)),
  /** A number of things, with the digits in groups. */
  whole: (count: number): string => trans.__("%1", count),
  /** A fraction of all as a percentage with three digits. */
  share: (fraction: number): string => `${decimal(String(Number((fraction * 100).toPrecision(3))))} %`,

  /** What a screen reader calls the card. */
  cardName: (snapshot: JobSnapshot): string =>
    [titleOf(snapshot) || trans.__("Job"), snapshot.provider].filter(Boolean).join(", "),
  lastSeen: (state: string): string => trans.__("%1 when last seen", state),
  progressName: (snapshot: JobSnapshot): string => trans.__("Progress of %1", titleOf(snapshot) || trans.__("Job")),
  queuePosition: (position: string): string =>
    /^\d+$/.test(position) ? trans.__("%1 in queue", ordinal(position)) : trans.__("position %1", position),
  startsIn: (seconds: number): string =>
    seconds < 1 ? trans.__("starts soon") : trans.__("starts in about %1", formatRough(seconds)),
  waitedFor: (seconds: number): string => trans.__("waiting %1", formatElapsed(seconds)),
  timeLeft: (seconds: number): string =>
    seconds < 1 ? trans.__("almost done") : trans.__("about %1 left", formatRough(seconds)),
  noAnswer: (provider: string, seconds: number): string =>
    trans.__("No answer from %1 for %2", provider || trans.__("the provider"), formatElapsed(seconds)),
  refused: (reason: string | null): string =>
    reason ? trans.__("Cancel refused: %1", reason) : trans.__("Cancel refused"),
  notRunAgain: (problem: string): string => trans.__("Could not run again: %1", problem),
  runNumber: (number: number): string => trans.__("run %1", number),
  attempt: (number: number): string => trans.__("Attempt %1", number),
  attemptOf: (number: number, most: number): string => trans.__("attempt %1 of %2", number, most),
  errorLine: ({ type, message }: JobError): string => (message ? `${type}: ${message}` : type),
  framePlace: (file: string, line: number): string => trans.__("%1, line %2", file, line),
  goToPlace: (place: string): string => trans.__("Go to line: %1", place),
  libraryFrames: (count: number): string => trans._n("%1 library frame", "%1 library frames", count),
  framesLeftOut: (count: number): string => trans._n("%1 frame left out", "%1 frames left out", count),
  shots: (count: number): string => trans._n("%1 shot", "%1 shots", count),
  otherOutcomes: (count: number): string => trans._n("%1 other outcome", "%1 other outcomes", count),
  moreJobs: (count: number): string => trans._n("and %1 more job", "and %1 more jobs", count),
  morePoints: (count: number): string => trans._n("and %1 more", "and %1 more", count),
  morePanels: (count: number): string => trans._n("and %1 more", "and %1 more", count),
  plusMinus: (value: number, std: number | null): string =>
    [value, ...(std ? [std] : [])].map(one => strings.significant(one)).join(" ± "),
  value: (value: number | null): string => decimal(numberText(value)),
  best: (value: number | null): string => trans.__("best %1", strings.value(value)),
  first: (value: number | null): string => trans.__("first %1", strings.value(value)),
  moreValues: (count: number): string => trans._n("and %1 more", "and %1 more", count),
  valueCount: (count: number): string => trans._n("%1 value", "%1 values", count),
  point: (step: number, value: number): string => trans.__("step %1: %2", step, precise(value)),
  copyWhat: (what: string): string => trans.__("Copy %1", what)
} as const;

/** What the card is called in its first line. */
function titleOf(snapshot: JobSnapshot): string {
  return drawableText(snapshot.name ?? snapshot.job_id);
}

/** What the card says of the state: more than the state itself where the provider cancels the job or has deleted it. */
function stateWord({ state, being_cancelled, gone }: JobSnapshot): string {
  if (gone) {
    return strings.GONE;
  }
  return being_cancelled ? strings.BEING_CANCELLED : strings.STATE_WORDS[state];
}

/** A number as text with all the digits that a plot can show. */
function precise(value: number): string {
  return decimal(String(Number(value.toPrecision(8)))).replace("-", "−");
}
