/** What a reader of the card can do. */
import type { Channel } from "./channel";
import { cancelPlan } from "./cancelPlan";
import type { CardState } from "./cardState";
import { epochSeconds } from "./pageClock";
import type { Verb } from "./protocol";
import type { JobSnapshot } from "./snapshot";

/** The verbs of the card, whatever page it is drawn on. */
export interface IJobActions {
  readonly cancel: () => void;
  readonly stopWaiting: () => void;
  /** Opens the fold, and asks for the picture of the result where it is not here yet. */
  readonly showResult: () => void;
  readonly setOpen: (open: boolean) => void;
}

/**
 * The actions on one job.
 *
 * @param state - notes what was sent.
 * @param snapshot - gives the newest snapshot.
 * @param send - sends a command to the kernel and says which way it went.
 */
export function jobActions(state: CardState, snapshot: () => JobSnapshot, send: (verb: Verb) => Channel): IJobActions {
  const ask = (verb: Verb): void => {
    const seen = snapshot().cancel_state;
    state.noteSent(verb, { channel: send(verb), at: epochSeconds(), seen });
  };
  return {
    cancel: () => {
      if (cancelPlan(snapshot(), state.ui, epochSeconds()).cancel === "ready") {
        ask("cancel");
      }
    },
    stopWaiting: () => {
      ask("stop_waiting");
    },
    showResult: () => {
      if (snapshot().result_preview === null) {
        ask("preview");
      }
      state.setOpen(true);
    },
    setOpen: open => {
      state.setOpen(open);
    }
  };
}
