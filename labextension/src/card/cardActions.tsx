import type { JSX, RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { ActionButton } from "./actionButton";
import type { CancelPlan } from "./cancelPlan";
import type { CardUi } from "./cardState";
import type { IJobActions } from "./jobActions";
import { hasMore } from "./displayedResult";
import { FocusPreserver } from "./focusPreserver";
import { rerunButton } from "./rerunButton";
import type { JobSnapshot } from "../wire/snapshot";
import { strings } from "../i18n/strings";

/** A picture can be a long download; after this many seconds the user may request it again. */
const PREVIEW_TIMEOUT = 30;

interface ICardActionsProps {
  snapshot: JobSnapshot;
  ui: CardUi;
  plan: CancelPlan;
  now: number;
  actions: IJobActions;
  findAgain: (() => void) | null | undefined;
  /** Where the focus goes when the last button is gone. */
  fallback: RefObject<HTMLElement | null>;
}

/** The buttons of the card. */
export function CardActions(props: ICardActionsProps): JSX.Element {
  const { snapshot, ui, plan, now, actions, findAgain, fallback } = props;
  const [asking, setAsking] = useState(false);
  useEffect(() => {
    if (plan.cancel !== "ready") {
      setAsking(false); // what was asked is answered: the question must not come up again by itself
    }
  }, [plan.cancel]);
  const result = resultButton(snapshot, ui, now);
  const rerun = rerunButton(snapshot, ui, now);
  const confirm = (yes: boolean): void => {
    setAsking(false);
    if (yes) {
      actions.cancel();
    }
  };
  const question = asking && plan.cancel === "ready";
  return (
    <FocusPreserver class="primwidgets-JobCard-actions" fallback={fallback}>
      {plan.stopWaiting !== "none" && !question && (
        <ActionButton busy={plan.stopWaiting === "busy"} hint={strings.STOP_WAITING_HINT} onClick={actions.stopWaiting}>
          {plan.stopWaiting === "busy" ? strings.STOPPING : strings.STOP_WAITING}
        </ActionButton>
      )}
      {question && <ConfirmCancel onAnswer={confirm} />}
      {plan.cancel !== "none" && !question && (
        <ActionButton
          busy={plan.cancel === "busy"}
          onClick={() => {
            if (snapshot.remote) {
              setAsking(true);
            } else {
              actions.cancel();
            }
          }}
        >
          {plan.label}
        </ActionButton>
      )}
      {result !== "none" && (
        <ActionButton busy={result === "busy"} onClick={actions.showResult}>
          {result === "busy" ? strings.LOADING : strings.SHOW_RESULT}
        </ActionButton>
      )}
      {rerun !== "none" && (
        <ActionButton busy={rerun === "busy"} hint={strings.RUN_AGAIN_HINT} onClick={actions.rerun}>
          {rerun === "busy" ? strings.STARTING : strings.RUN_AGAIN}
        </ActionButton>
      )}
      {findAgain && (
        <ActionButton hint={strings.FIND_AGAIN_HINT} onClick={findAgain}>
          {strings.LOCATOR}
        </ActionButton>
      )}
    </FocusPreserver>
  );
}

/** Asks once more, in the card. Escape keeps the job. */
function ConfirmCancel({ onAnswer }: { onAnswer: (yes: boolean) => void }): JSX.Element {
  const group = useRef<HTMLDivElement>(null);
  useEffect(() => {
    group.current?.querySelector<HTMLElement>("[data-preferred]")?.focus();
  }, []);
  return (
    <div
      class="primwidgets-JobCard-confirm"
      role="group"
      aria-label={strings.CONFIRM_QUESTION}
      ref={group}
      onKeyDown={event => {
        if (event.key === "Escape") {
          onAnswer(false);
        }
      }}
    >
      <span aria-hidden="true">{strings.CONFIRM_QUESTION}</span>
      <ActionButton
        onClick={() => {
          onAnswer(true);
        }}
      >
        {strings.CONFIRM_YES}
      </ActionButton>
      <ActionButton
        preferred
        onClick={() => {
          onAnswer(false);
        }}
      >
        {strings.CONFIRM_NO}
      </ActionButton>
    </div>
  );
}

function resultButton(snapshot: JobSnapshot, ui: CardUi, now: number): CancelPlan["cancel"] {
  const preview = snapshot.result_preview;
  const here = preview !== null;
  if (preview?.kind === "display" && !hasMore(preview)) {
    return "none"; // all of it stands on the card
  }
  if (snapshot.state !== "DONE" || !(here || snapshot.can_preview) || (here && ui.open)) {
    return "none";
  }
  const sent = ui.sent.preview;
  return sent && now - sent.at < PREVIEW_TIMEOUT ? "busy" : "ready";
}
