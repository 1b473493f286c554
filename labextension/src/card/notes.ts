/** The lines under the progress bar: what wants attention first, the provider's own message last. */
import { attemptNotes } from "./attempts";
import { isOverdue, type CancelPlan, type Note } from "./cancelPlan";
import type { CardUi } from "./cardState";
import { rerunNote } from "./rerunButton";
import { isFinal, type JobSnapshot } from "../wire/snapshot";
import { strings } from "../i18n/strings";

/** The lines for a snapshot; `now` is epoch seconds. */
export function notesOf(snapshot: JobSnapshot, ui: CardUi, plan: CancelPlan, now: number): readonly Note[] {
  const notes: Note[] = [];
  if (plan.note) {
    notes.push(plan.note);
  }
  if (snapshot.error) {
    notes.push({ tone: "error", text: strings.errorLine(snapshot.error) });
  }
  if (snapshot.stale_since !== null && !isFinal(snapshot.state)) {
    notes.push({ tone: "warning", text: strings.noAnswer(snapshot.provider, now - snapshot.stale_since) });
  }
  notes.push(...attemptNotes(snapshot));
  const rerun = rerunNote(snapshot);
  if (rerun) {
    notes.push(rerun);
  }
  if (isHeldUp(ui, now)) {
    notes.push({ tone: "plain", text: strings.WAITING_FOR_CELL });
  }
  if (snapshot.message) {
    notes.push({ tone: "plain", text: snapshot.message });
  }
  return notes;
}

/** Whether a request other than a cancel waits behind the running cell. */
function isHeldUp({ sent }: CardUi, now: number): boolean {
  return [sent.preview, sent.stop_waiting, sent.rerun].some(one => one?.channel === "comm" && isOverdue(one, now));
}
