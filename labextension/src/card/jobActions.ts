/** What a user of the card can do. */
import type { Channel } from "../wire/channel";
import { ANSWER_TIMEOUT, cancelPlan } from "./cancelPlan";
import type { CardState } from "./cardState";
import { epochSeconds } from "./pageClock";
import { rerunButton } from "./rerunButton";
import type { Verb } from "../wire/protocol";
import type { JobSnapshot } from "../wire/snapshot";

/** The verbs of the card, whatever page it is drawn on. */
export interface IJobActions {
  readonly cancel: () => void;
  readonly stopWaiting: () => void;
  /** Opens the details, and requests the picture of the result if it has not arrived yet. */
  readonly showResult: () => void;
  /** Runs the function call of the ended job once more. */
  readonly rerun: () => void;
  readonly setOpen: (open: boolean) => void;
  /** Notes that the card of the ended job is one line now. */
  readonly settle?: () => void;
}

/**
 * The actions on one job.
 *
 * @param state - notes what was sent.
 * @param snapshot - gives the newest snapshot.
 * @param send - sends a command to the kernel and says which way it went; over the comm where that is asked for.
 */
export function jobActions(
  state: CardState,
  snapshot: () => JobSnapshot,
  send: (verb: Verb, channel?: Channel) => Channel
): IJobActions {
  const ask = (verb: Verb): void => {
    const { cancel_state: seen, run } = snapshot();
    const sent = { channel: send(verb), at: epochSeconds(), seen, run };
    state.noteSent(verb, sent);
    // Only a cancel needs an answer soon: a picture may take long, and a wait ends with its cell.
    if (verb === "cancel" && sent.channel === "control") {
      setTimeout(() => {
        if (state.ui.sent.cancel === sent) {
          state.noteSent(verb, { ...sent, channel: send(verb, "comm"), again: true });
        }
      }, ANSWER_TIMEOUT.control * 1000);
    }
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
    rerun: () => {
      if (rerunButton(snapshot(), state.ui, epochSeconds()) === "ready") {
        ask("rerun");
      }
    },
    setOpen: open => {
      state.setOpen(open);
    },
    settle: () => {
      state.settle();
    }
  };
}
