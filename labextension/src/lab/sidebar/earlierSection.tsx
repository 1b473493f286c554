import type { JSX } from "preact";

import { reattachCode } from "../../card/reattach";
import { SUPPRESS_SHORTCUTS } from "../../card/suppressShortcuts";
import { strings } from "../../i18n/strings";
import { trans } from "../../i18n/translation";
import { drawableText } from "../../wire/drawableText";
import type { IEarlierJob } from "./earlierAnswer";
import type { EarlierJobs } from "./earlierJobs";

/** What the section has done for it. */
export interface IEarlierActions {
  readonly openNotebook: (path: string) => void;
  /** Puts code into a new cell of the notebook, or of the one in front where that is empty; it is not run. */
  readonly insertCode: (path: string, code: string) => void;
}

interface IEarlierProps {
  earlier: EarlierJobs;
  actions: IEarlierActions;
}

/** Jobs of the ledger that the sidebar does not list otherwise. It is closed at first. */
export function EarlierSection({ earlier, actions }: IEarlierProps): JSX.Element | null {
  return !earlier.isAvailable ? null : (
    <section class="primwidgets-JobsPanel-earlier" data-open={earlier.isOpen ? "" : undefined}>
      <h3>
        <button
          type="button"
          class="primwidgets-JobsPanel-groupToggle"
          aria-expanded={earlier.isOpen}
          title={trans.__("Jobs of earlier kernels")}
          {...SUPPRESS_SHORTCUTS}
          onClick={() => {
            earlier.toggle();
          }}
        >
          <span>{trans.__("Earlier")}</span>
        </button>
      </h3>
      {earlier.isOpen && <Body earlier={earlier} actions={actions} />}
    </section>
  );
}

function Body({ earlier, actions }: IEarlierProps): JSX.Element {
  const { jobs, problem, isLoading } = earlier;
  return (
    <>
      <div class="primwidgets-JobsPanel-buttons">
        <Button label={trans.__("Refresh")} onClick={() => void earlier.refresh()} />
      </div>
      <div role="status">
        {problem !== null && <p class="primwidgets-JobsPanel-note">{problem}</p>}
        {problem === null && jobs.length === 0 && (
          <p class="primwidgets-JobsPanel-empty">{isLoading ? trans.__("Loading…") : trans.__("No earlier jobs.")}</p>
        )}
      </div>
      <ul class="primwidgets-JobsPanel-rows" role="list" aria-label={trans.__("Earlier")}>
        {jobs.map(job => (
          <EarlierRow key={job.uid} job={job} actions={actions} forget={() => void earlier.forget(job.uid)} />
        ))}
      </ul>
    </>
  );
}

interface IEarlierRowProps {
  job: IEarlierJob;
  actions: IEarlierActions;
  forget: () => void;
}

function EarlierRow({ job, actions, forget }: IEarlierRowProps): JSX.Element {
  const title = drawableText(job.name || job.job_id) || trans.__("Job");
  const code = reattachCode(job);
  const facts = [drawableText(job.provider), stateOf(job)].filter(Boolean).join(" · ");
  return (
    <li class="primwidgets-JobsPanel-earlierRow" data-uid={job.uid}>
      <div class="primwidgets-JobsPanel-earlierName">
        {job.notebook === "" ? (
          <bdi>{title}</bdi>
        ) : (
          <button
            type="button"
            class="primwidgets-JobsPanel-link"
            title={trans.__("Open the notebook")}
            {...SUPPRESS_SHORTCUTS}
            onClick={() => {
              actions.openNotebook(job.notebook);
            }}
          >
            <bdi>{title}</bdi>
          </button>
        )}
        <When at={job.created_at} />
      </div>
      <div class="primwidgets-JobsPanel-earlierFacts">
        <bdi>{facts}</bdi>
        {job.notebook !== "" && <bdi>{drawableText(job.notebook)}</bdi>}
        {job.error !== "" && <bdi>{drawableText(job.error)}</bdi>}
      </div>
      <div class="primwidgets-JobsPanel-buttons">
        {code !== null && (
          <Button
            label={strings.LOCATOR}
            name={trans.__("Find it again: %1", title)}
            hint={strings.FIND_AGAIN_HINT}
            onClick={() => {
              actions.insertCode(job.notebook, code);
            }}
          />
        )}
        <Button
          label={trans.__("Forget")}
          name={trans.__("Forget: %1", title)}
          hint={trans.__("Removes this entry from the list. The job itself is not touched.")}
          onClick={forget}
        />
      </div>
    </li>
  );
}

/** A state that is not final is the one of long ago. */
function stateOf({ state }: IEarlierJob): string {
  const word = strings.STATE_WORDS[state];
  return state === "DONE" || state === "ERROR" || state === "CANCELLED" ? word : strings.lastSeen(word);
}

function When({ at }: { at: number | null }): JSX.Element | null {
  return at === null ? null : (
    <time dateTime={new Date(at * 1000).toISOString()}>
      {new Date(at * 1000).toLocaleString([], { dateStyle: "short", timeStyle: "short" })}
    </time>
  );
}

interface IButtonProps {
  label: string;
  name?: string;
  hint?: string;
  onClick: () => void;
}

function Button({ label, name, hint, onClick }: IButtonProps): JSX.Element {
  return (
    <button
      type="button"
      class="primwidgets-JobsPanel-button"
      aria-label={name}
      title={hint}
      {...SUPPRESS_SHORTCUTS}
      onClick={onClick}
    >
      {label}
    </button>
  );
}
