/** A job at one moment, as the kernel sends it. The keys are the Python field names; `schema.ts` is generated. */
import {
  readJobSnapshot,
  type CountsPreview,
  type DisplayPreview,
  type ExpectationPreview,
  type JobSnapshot,
  type JobState
} from "./schema";

export { CANCEL_STATES, JOB_STATES } from "./schema";
export type {
  CancelState,
  CountsPanel,
  DisplayPreview,
  ExpectationPanel,
  FailureFrame,
  FailureStep,
  GroupMember,
  GroupSummary,
  JobError,
  JobSnapshot,
  JobState,
  AttemptSummary,
  RunSummary,
  Series,
  TextMap
} from "./schema";

/** Charts, of which a result has one or several. */
export type PanelsPreview = CountsPreview | ExpectationPreview;

/** The preview of a result, small enough to be sent with the state. */
export type ResultPreview = PanelsPreview | DisplayPreview;

/**
 * The snapshot in `value`, which may come from anywhere and from any version; `null` if there is none.
 *
 * Text is cut to its bounds, and what is not known is left out. A field that is missing or does not fit takes its
 * default; but without a uid, or with a state that is not known, it is no snapshot.
 */
export function readSnapshot(value: unknown): JobSnapshot | null {
  return readJobSnapshot(value) ?? null;
}

/** Whether no further state is expected. */
export function isFinal(state: JobState): boolean {
  return state === "DONE" || state === "CANCELLED" || state === "ERROR";
}
