/** What the card offers and says about cancelling, at one moment. */
import type { CardUi, Sent } from "./cardState";
import { isFinal, type JobSnapshot } from "../wire/snapshot";
import { strings } from "../i18n/strings";

export type Tone = "plain" | "warning" | "error";

/** One line of text under the progress bar. */
export type Note = Readonly<{ tone: Tone; text: string }>;

/** A button: none, one that can be pressed, or one that shows that its work is under way. */
export type ButtonState = "none" | "ready" | "busy";

/** The Cancel button, the Stop waiting button and what is said about them. */
export type CancelPlan = Readonly<{ cancel: ButtonState; label: string; stopWaiting: ButtonState; note: Note | null }>;

/** How long, in seconds, an answer may take before the card says that it is still waiting for it. */
export const ANSWER_TIMEOUT = { comm: 0.7, control: 3 } as const;

/** How long, in seconds, the provider may think about a cancel before the card offers to stop waiting for the job. */
const PROVIDER_TIMEOUT = 3;

type CancelPart = Omit<CancelPlan, "stopWaiting">;

/** Made anew each time: the language is known only later. */
function saidNothing(): CancelPart {
  return { cancel: "none", label: strings.CANCEL, note: null };
}

/** The plan for a snapshot; `now` is epoch seconds. */
export function cancelPlan(snapshot: JobSnapshot, ui: CardUi, now: number): CancelPlan {
  if (isFinal(snapshot.state)) {
    const note = snapshot.cancel_state === "TOO_LATE" ? plain(strings.TOO_LATE) : null;
    return { ...saidNothing(), note, stopWaiting: "none" };
  }
  const sent = ui.sent.cancel;
  const part = sent ? planSent(sent, now) : planAnswered(snapshot);
  return { ...part, stopWaiting: planStopWaiting(snapshot, ui, now) };
}

/** Whether a command was sent so long ago that the missing answer is worth a word. */
export function isOverdue(sent: Sent, now: number): boolean {
  return now - sent.at >= ANSWER_TIMEOUT[sent.channel];
}

function planSent(sent: Sent, now: number): CancelPart {
  const cancelling: CancelPart = { cancel: "busy", label: strings.CANCELLING, note: null };
  if (!isOverdue(sent, now)) {
    return cancelling;
  }
  if (sent.again) {
    return { cancel: "ready", label: strings.CANCEL, note: warning(strings.SENT_AGAIN) };
  }
  if (sent.channel === "comm") {
    return { ...cancelling, note: plain(strings.WAITING_FOR_CELL) };
  }
  // Over control an answer takes milliseconds, so the message was lost or the kernel is stuck: it may be sent again.
  return { cancel: "ready", label: strings.CANCEL, note: warning(strings.KERNEL_SILENT) };
}

function planAnswered(snapshot: JobSnapshot): CancelPart {
  const cancel = snapshot.can_cancel ? "ready" : "none";
  switch (snapshot.cancel_state) {
    case "REQUESTED":
      return { cancel: "busy", label: requestLabel(snapshot), note: plain(snapshot.cancel_detail) };
    case "CONFIRMED":
      return { cancel: "busy", label: strings.CANCEL_CONFIRMED, note: null };
    case "TOO_LATE":
      return { ...saidNothing(), note: plain(strings.TOO_LATE) };
    case "REFUSED":
      return { ...saidNothing(), cancel, note: warning(strings.refused(snapshot.cancel_detail)) };
    case "NONE":
      return { ...saidNothing(), cancel, note: snapshot.can_cancel ? null : plain(snapshot.cancel_detail) };
  }
}

function requestLabel({ being_cancelled: isConfirmed }: JobSnapshot): string {
  return isConfirmed ? strings.CANCELLING : strings.CANCEL_REQUESTED;
}

function planStopWaiting(snapshot: JobSnapshot, ui: CardUi, now: number): ButtonState {
  const hopeless = !snapshot.can_cancel || snapshot.cancel_state === "REFUSED";
  const slow = ui.requestedAt !== null && now - ui.requestedAt >= PROVIDER_TIMEOUT;
  if (!snapshot.waiting || !(hopeless || slow)) {
    return "none";
  }
  return ui.sent.stop_waiting && !isOverdue(ui.sent.stop_waiting, now) ? "busy" : "ready";
}

function plain(text: string): Note;
function plain(text: string | null): Note | null;
function plain(text: string | null): Note | null {
  return text === null ? null : { tone: "plain", text };
}

function warning(text: string): Note {
  return { tone: "warning", text };
}
