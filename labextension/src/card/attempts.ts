/** What the card says of the attempts of a call that is started again when it fails, or has a time limit. */
import type { Note } from "./cancelPlan";
import type { TextRow } from "./textRows";
import { isFinal, type JobSnapshot } from "../wire/snapshot";
import { strings } from "../i18n/strings";

/** "attempt 2 of 3"; `null` where there is only one, or where the first one was enough. */
export function attemptText({ state, attempts }: JobSnapshot): string | null {
  if (attempts === null || attempts.most < 2 || (attempts.number < 2 && isFinal(state))) {
    return null;
  }
  return strings.attemptOf(attempts.number, attempts.most);
}

/** What keeps the call from ending or from being started again, and why the latest attempt failed. */
export function attemptNotes({ state, attempts }: JobSnapshot): readonly Note[] {
  const latest = isFinal(state) ? undefined : attemptRows(attempts).at(-1);
  const texts = [attempts?.problem, latest && `${latest.name}: ${latest.text}`];
  return texts.filter(text => !!text).map(text => ({ tone: "warning", text: text ?? "" }));
}

/** Why the earlier attempts failed, in their order. */
export function attemptRows(attempts: JobSnapshot["attempts"]): readonly TextRow[] {
  const errors = Object.entries(attempts?.errors ?? {}).sort(([a], [b]) => Number(a) - Number(b));
  return errors.map(([number, text]) => ({ name: strings.attempt(Number(number)), text }));
}
