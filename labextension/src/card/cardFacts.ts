/** The two short texts beside the progress: how far, and how long. */
import type { CardUi } from "./cardState";
import { formatElapsed } from "../i18n/duration";
import { isFinal, type JobSnapshot } from "../wire/snapshot";
import { lengthOf } from "./timeline";
import { formatPercentage } from "../i18n/percentage";
import { strings } from "../i18n/strings";

/** After a smaller fraction, or within fewer seconds, an estimate would be a guess; as `_jupyter/timing.py` has it. */
const ENOUGH_PROGRESS = 0.05;
const ENOUGH_SECONDS = 2;

/** A job this far may be said to be almost done when it takes longer than estimated. */
const ALMOST_DONE = 0.9;

/** What came out, if it fits into a line; how far the job is: its progress and its rate, or its place in the queue. */
export function howFar(snapshot: JobSnapshot): readonly string[] {
  const { state, progress, progress_text: text, queue_position: position } = snapshot;
  if (snapshot.group) {
    return text === null ? [] : [text];
  }
  if (state === "QUEUED") {
    return position === null ? [] : [strings.queuePosition(position)];
  }
  const preview = state === "DONE" ? snapshot.result_preview : null;
  const result = preview?.kind === "display" && preview.summary !== "" ? preview.summary : null;
  const done = state === "DONE" || progress === null ? null : formatPercentage(progress, state);
  const rate = state === "RUNNING" ? snapshot.rate : null;
  return [result ?? done, text, rate].filter(part => part !== null);
}

/** How long it took, has taken or will take. `now` is epoch seconds. */
export function howLong(snapshot: JobSnapshot, ui: CardUi, now: number): readonly string[] {
  if (isFinal(snapshot.state)) {
    return howLongItTook(snapshot);
  }
  return snapshot.state === "RUNNING" ? howLongItRuns(snapshot, ui, now) : howLongItWaits(snapshot, now);
}

function howLongItTook(snapshot: JobSnapshot): readonly string[] {
  const seconds = lengthOf(snapshot);
  return seconds === null ? [] : [strings.duration(seconds)];
}

function howLongItWaits({ created_at, queued_at, estimated_start_at }: JobSnapshot, now: number): readonly string[] {
  if (estimated_start_at !== null) {
    return [strings.startsIn(estimated_start_at - now)];
  }
  const since = created_at ?? queued_at;
  return since === null ? [] : [strings.waitedFor(now - since)];
}

function howLongItRuns({ started_at, estimated_end_at: end }: JobSnapshot, ui: CardUi, now: number): readonly string[] {
  if (started_at === null) {
    return [];
  }
  const left = end === null ? remaining(started_at, ui, now) : end - now;
  return left === null ? [formatElapsed(now - started_at)] : [formatElapsed(now - started_at), strings.timeLeft(left)];
}

/** Seconds left if it goes on at the speed it had at the last change of its progress; `null` if it turned out not to. */
function remaining(started: number, { progress }: CardUi, now: number): number | null {
  if (progress === null || progress.value < ENOUGH_PROGRESS || progress.at - started < ENOUGH_SECONDS) {
    return null;
  }
  const left = started + (progress.at - started) / progress.value - now;
  return left < 0 && progress.value < ALMOST_DONE ? null : left;
}
