/** The ES module that anywidget loads for each job. */
import { render } from "preact";

import { CardState } from "./cardState";
import { sendCommand } from "./channel";
import { FocusHeir } from "./focusHeir";
import { jobActions } from "./jobActions";
import { JobCard } from "./jobCard";
import { partsOf, snapshotOf, type IJobModel } from "./jobModel";
import { epochSeconds } from "./pageClock";

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

/** Called once for each model, so that all views of a job share one fold and one Cancel. */
export default function createCard(): ICardHooks {
  const state = new CardState();
  const heir = new FocusHeir();
  return { render: props => showCard(state, heir, props) };
}

function showCard(state: CardState, heir: FocusHeir, { model, el }: IViewProps): () => void {
  const snapshot = (): ReturnType<typeof snapshotOf> => snapshotOf(model);
  const actions = jobActions(state, snapshot, verb => sendCommand(model, verb, snapshot().uid));
  const draw = (): void => {
    const current = snapshot();
    state.apply(current, epochSeconds());
    render(<JobCard snapshot={current} parts={partsOf(model)} ui={state.ui} actions={actions} />, el);
  };
  el.classList.add(HOST_CLASS);
  draw();
  model.on("change", draw);
  const unsubscribe = state.subscribe(draw);
  const leave = heir.adopt(el);
  return () => {
    model.off("change", draw);
    unsubscribe();
    leave();
    render(null, el);
    el.classList.remove(HOST_CLASS);
  };
}
