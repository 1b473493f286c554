/** The ES module that anywidget loads for each job. */
import { render, type JSX } from "preact";

import { CardState } from "./cardState";
import { sendCommand } from "../wire/channel";
import { FocusTransfer } from "./focusTransfer";
import { jobActions } from "./jobActions";
import { JobCard } from "./jobCard";
import type { CardConnection } from "./connection";
import { hearsControl, partsOf, seenAtOf, snapshotOf, type IJobModel } from "../wire/jobModel";
import { epochSeconds } from "./pageClock";
import type { JobSnapshot } from "../wire/snapshot";
import { strings } from "../i18n/strings";
import { followConnection } from "./viewConnection";

interface IViewProps {
  model: IJobModel;
  el: HTMLElement;
}

/** anywidget's hooks for one model. */
export interface ICardHooks {
  /** Draws a view and keeps it up to date until the function that is returned is called. */
  render(props: IViewProps): () => void;
}

const HOST_CLASS = "primwidgets-JobCard-host";

export { speak } from "../i18n/translation";

/** Called once for each model, so that all views of a job share one state and one Cancel. */
export default function createCard(): ICardHooks {
  const state = new CardState();
  const focus = new FocusTransfer();
  return { render: props => showCard(state, focus, props) };
}

function showCard(state: CardState, focus: FocusTransfer, { model, el }: IViewProps): () => void {
  const snapshot = (): JobSnapshot => snapshotOf(model);
  const actions = jobActions(state, snapshot, (verb, channel) => sendCommand(model, verb, snapshot().uid, channel));
  let connection: CardConnection = "live";
  const draw = (): void => {
    render(cardOf(), el);
  };
  const cardOf = (): JSX.Element => {
    const current = readOrNull(snapshot);
    if (current === null) {
      return <p>{strings.UNREADABLE}</p>;
    }
    state.apply(current, epochSeconds());
    state.noteSeen(seenAtOf(model));
    return (
      <JobCard snapshot={current} parts={partsOf(model)} ui={state.ui} actions={actions} connection={connection} />
    );
  };
  el.classList.add(HOST_CLASS);
  draw();
  model.on("change", draw);
  askForNews(model, readOrNull(snapshot));
  const unfollow = followConnection(model, now => {
    if (connection !== now) {
      connection = now;
      draw();
    }
  });
  const unsubscribe = state.subscribe(draw);
  const leave = focus.adopt(el);
  return () => {
    model.off("change", draw);
    unsubscribe();
    unfollow();
    leave();
    render(null, el);
    el.classList.remove(HOST_CLASS);
  };
}

/**
 * Asks for all that is known of the job, where the card is not served by a Jupyter kernel: an application may have made
 * the page from an earlier state of the job, and does not repeat what it sent before the page was connected.
 */
function askForNews(model: IJobModel, known: JobSnapshot | null): void {
  if (known !== null && !hearsControl(model)) {
    try {
      sendCommand(model, "refresh", known.uid, "comm");
    } catch {
      // A page without a connection shows what it has.
    }
  }
}

/** The state of the job; `null` where a file or a kernel sent something else, which the card then says. */
function readOrNull(snapshot: () => JobSnapshot): JobSnapshot | null {
  try {
    return snapshot();
  } catch {
    return null;
  }
}
