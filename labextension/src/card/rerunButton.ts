/** What the card offers and says about running the call of an ended job once more. */
import type { ButtonState, Note } from "./cancelPlan";
import type { CardUi } from "./cardState";
import { isFinal, type JobSnapshot } from "../wire/snapshot";
import { strings } from "../i18n/strings";

/** Starting a call can take long where its arguments are large; after this many seconds it may be requested again. */
const START_TIMEOUT = 30;

/** The *Run again* button; `now` is epoch seconds. */
export function rerunButton({ state, run }: JobSnapshot, ui: CardUi, now: number): ButtonState {
  if (!isFinal(state) || run?.can_rerun !== true) {
    return "none";
  }
  const sent = ui.sent.rerun;
  return sent && now - sent.at < START_TIMEOUT ? "busy" : "ready";
}

/** Why the call could not be run again, when that was tried last. */
export function rerunNote({ run }: JobSnapshot): Note | null {
  const problem = run?.problem ?? null;
  return problem === null ? null : { tone: "warning", text: strings.notRunAgain(problem) };
}
