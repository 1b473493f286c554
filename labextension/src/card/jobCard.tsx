import type { ComponentChildren, JSX } from "preact";
import { useRef } from "preact/hooks";

import { attemptText } from "./attempts";
import { CardActions } from "./cardActions";
import { howFar, howLong } from "./cardFacts";
import { cancelPlan, type CancelPlan, type Note } from "./cancelPlan";
import type { CardUi } from "./cardState";
import { drawable } from "./drawable";
import { asMoment, drawableTree } from "../wire/drawableText";
import type { GoToLine } from "./failure";
import type { IJobActions } from "./jobActions";
import { JobDetails } from "./jobDetails";
import { outdatedPlan, isOutdated, withoutKernel, type CardConnection } from "./connection";
import type { MimeRenderer } from "./mimeBox";
import { Moment } from "./moment";
import { notesOf } from "./notes";
import { SUPPRESS_SHORTCUTS } from "./suppressShortcuts";
import { SeriesLines } from "./seriesLines";
import { ProgressBar } from "./progressBar";
import { isFinal, type JobSnapshot, type TextMap } from "../wire/snapshot";
import { StateIcon } from "./stateIcon";
import { isProcess } from "../i18n/number";
import { strings } from "../i18n/strings";
import { useAnnouncer } from "./useAnnouncer";
import { useNow } from "./useNow";
import { useSettled } from "./useSettled";

export interface IJobCardProps {
  snapshot: JobSnapshot;
  /** Further rows of a subclass, shown in the details. */
  parts: TextMap;
  /** What the card remembers by itself. */
  ui: CardUi;
  actions: IJobActions;
  /** Whether the kernel still reports changes of the job. */
  connection?: CardConnection;
  /** One of many in a list: smaller, and announced only after an action of the user. */
  compact?: boolean;
  /** Has the page find the job again from another kernel; `null` or left out where it cannot. */
  findAgain?: (() => void) | null;
  /** Draws what needs the page's sanitiser or renderers. */
  renderMime?: MimeRenderer;
  /** Shows a line of a cell of the job's notebook. */
  goToLine?: GoToLine;
  /** What the page has to offer beside the heading. */
  aside?: ComponentChildren;
}

/** The card of one job. It draws what it is given, whatever page it is on. */
export function JobCard(props: IJobCardProps): JSX.Element {
  const { parts, ui, actions, connection = "live", compact, findAgain, aside } = props;
  const shown = drawable(props.snapshot);
  const snapshot = connection === "live" ? shown : withoutKernel(shown);
  const outdated = isOutdated(snapshot, connection);
  const card = useRef<HTMLElement>(null);
  const toggle = useRef<HTMLButtonElement>(null);
  const now = useNow(!outdated && (!isFinal(snapshot.state) || Object.keys(ui.sent).length > 0), card);
  const inLine = useSettled(isFinal(snapshot.state) && !compact, ui.tall ?? false, card, actions.settle);
  const plan = outdated ? outdatedPlan(snapshot, connection) : cancelPlan(snapshot, ui, now);
  const [spoken, announce] = useAnnouncer(compact ? cancelPhrase(plan) : phraseOf(snapshot, plan));
  return (
    <section
      class="primwidgets-JobCard"
      role="group"
      aria-label={strings.cardName(snapshot)}
      data-state={snapshot.state}
      data-outdated={outdated ? "" : undefined}
      data-compact={compact ? "" : undefined}
      data-line={inLine ? "" : undefined}
      ref={card}
    >
      <div class="primwidgets-JobCard-layout">
        <StateIcon state={snapshot.state} />
        <Heading snapshot={snapshot} outdated={outdated} seenAt={outdated ? asMoment(ui.seenAt) : null} now={now} />
        {aside && <div class="primwidgets-JobCard-aside">{aside}</div>}
        <CardActions
          snapshot={snapshot}
          ui={ui}
          plan={plan}
          now={now}
          actions={actions}
          findAgain={outdated && connection === "gone" ? findAgain : null}
          fallback={toggle}
        />
        <ProgressBar snapshot={snapshot} />
        <div class="primwidgets-JobCard-facts">
          <HowFar snapshot={snapshot} />
          <span class="primwidgets-JobCard-number">
            {outdated || <HowLong texts={howLong(snapshot, ui, now)} besidePlace={snapshot.queue_position !== null} />}
            {isFinal(snapshot.state) && snapshot.finished_at !== null && (
              <span class="primwidgets-JobCard-ended">
                {" · "}
                <Moment at={snapshot.finished_at} now={now} short />
              </span>
            )}
          </span>
        </div>
        <button
          type="button"
          class="primwidgets-JobCard-toggle"
          aria-expanded={ui.open}
          ref={toggle}
          {...SUPPRESS_SHORTCUTS}
          onClick={() => {
            actions.setOpen(!ui.open);
          }}
        >
          <span>{strings.DETAILS}</span>
        </button>
        <SeriesLines series={snapshot.series} compact={compact} />
        <Notes notes={notesOf(snapshot, ui, plan, now)} />
      </div>
      {ui.open && (
        <JobDetails
          snapshot={snapshot}
          parts={drawableTree(parts)}
          now={now}
          outdated={outdated}
          compact={compact}
          announce={announce}
          renderMime={props.renderMime}
          goToLine={props.goToLine}
        />
      )}
      <div class="primwidgets-JobCard-hidden" role="status">
        {spoken}
      </div>
    </section>
  );
}

interface IHeadingProps {
  snapshot: JobSnapshot;
  outdated: boolean;
  /** When it was last seen, if that is worth showing. */
  seenAt: number | null;
  now: number;
}

function Heading({ snapshot, outdated, seenAt, now }: IHeadingProps): JSX.Element {
  const word = strings.stateWord(snapshot);
  const title = strings.titleOf(snapshot) || strings.JOB;
  const attempt = attemptText(snapshot);
  return (
    <div class="primwidgets-JobCard-heading">
      <div class="primwidgets-JobCard-title" title={title}>
        <bdi>{title}</bdi>
        {snapshot.run !== null && snapshot.run.number > 1 && (
          <span class="primwidgets-JobCard-run">
            {" · "}
            {strings.runNumber(snapshot.run.number)}
          </span>
        )}
      </div>
      <div class="primwidgets-JobCard-subtitle">
        <span class="primwidgets-JobCard-state">{outdated ? strings.lastSeen(word) : word}</span>
        {attempt !== null && (
          <span class="primwidgets-JobCard-attempt">
            {" · "}
            {attempt}
          </span>
        )}
        {seenAt !== null && (
          <span class="primwidgets-JobCard-muted">
            {" · "}
            <Moment at={seenAt} now={now} />
          </span>
        )}
        {[snapshot.provider, isProcess(snapshot.backend) ? null : snapshot.backend]
          .filter(Boolean)
          .map((text, index) => (
            <span key={index} class="primwidgets-JobCard-muted">
              {" · "}
              <bdi>{text}</bdi>
            </span>
          ))}
      </div>
    </div>
  );
}

/** A narrow card shows the last of the texts, and none beside a place in the queue. */
function HowLong({ texts, besidePlace }: { texts: readonly string[]; besidePlace: boolean }): JSX.Element {
  const last = texts.length - 1;
  return (
    <>
      {texts.map((text, index) => (
        <span key={index} class={index < last || besidePlace ? "primwidgets-JobCard-dispensable" : undefined}>
          <bdi>{text}</bdi>
          {index < last && " · "}
        </span>
      ))}
    </>
  );
}

/** What came out and how far it is; what follows the first text is left out where there is no room for it. */
function HowFar({ snapshot }: { snapshot: JobSnapshot }): JSX.Element {
  const [first, ...rest] = howFar(snapshot);
  return (
    <span class="primwidgets-JobCard-far">
      {first !== undefined && <bdi>{first}</bdi>}
      {rest.map((text, index) => (
        <span key={index} class="primwidgets-JobCard-extra">
          {" · "}
          <bdi>{text}</bdi>
        </span>
      ))}
    </span>
  );
}

function Notes({ notes }: { notes: readonly Note[] }): JSX.Element {
  return (
    <div class="primwidgets-JobCard-notes">
      {notes.map(({ tone, text }, index) => (
        <div key={index} class="primwidgets-JobCard-note" data-tone={tone} dir="auto">
          {text}
        </div>
      ))}
    </div>
  );
}

/** What a screen reader announces: the state and the outcome of a cancel, without numbers that tick. */
function phraseOf(snapshot: JobSnapshot, plan: CancelPlan): string {
  return [strings.stateWord(snapshot), attemptText(snapshot), cancelPhrase(plan)].filter(Boolean).join(". ");
}

function cancelPhrase({ note, cancel, label }: CancelPlan): string {
  return note?.text ?? (cancel === "busy" ? label : "");
}
