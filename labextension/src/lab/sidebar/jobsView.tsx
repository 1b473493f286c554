import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { byGroup } from "../../board/boardRows";
import type { IHubJob, IJobHub } from "../../hub/tokens";
import { SUPPRESS_SHORTCUTS } from "../../card/suppressShortcuts";
import { trans } from "../../i18n/translation";
import { isCancellable, tallyOf } from "../jobKind";
import type { EarlierJobs } from "./earlierJobs";
import { EarlierSection, type IEarlierActions } from "./earlierSection";
import { NoJobs, NoMatch } from "./emptyState";
import { JobFilters } from "./jobFilters";
import { JobList } from "./jobList";
import { findJobs, groupJobs, isFiltered } from "./jobQuery";
import type { SidebarState } from "./sidebarState";
import { useDebounced } from "./useDebounced";

/** What the sidebar has done for it. */
export interface ISidebarActions {
  /** Asks the user for confirmation, then the kernels to cancel these jobs. */
  readonly cancelAll: (jobs: readonly IHubJob[]) => void;
  readonly clearFinished: () => void;
  /** Shows the cell that started the job. */
  readonly goToCell: (job: IHubJob) => void;
}

export interface IJobsViewProps {
  hub: IJobHub;
  state: SidebarState;
  actions: ISidebarActions;
  /** The id of the kernel of the notebook in front. */
  front?: () => string | null;
  /** The jobs of earlier kernels; missing where the server has no list of them. */
  earlier?: EarlierJobs;
  earlierActions?: IEarlierActions;
}

/** All that the sidebar shows. */
export function JobsView({ hub, state, actions, front, earlier, earlierActions }: IJobsViewProps): JSX.Element {
  const [said, announce] = useState("");
  const { jobs, kernels } = hub;
  const found = findJobs(jobs, kernels, state.query);
  const filtered = isFiltered(state.query);
  // The jobs of a group are on its card, unless they are looked for.
  const groups = groupJobs(filtered ? found : byGroup(found).top, kernels, front?.() ?? null);
  const outcome = useDebounced(filtered ? trans._n("%1 job matches", "%1 jobs match", found.length) : "");
  return (
    <>
      <div class="primwidgets-JobsPanel-header">
        <Heading />
        {jobs.length > 0 && <Buttons found={found} all={!filtered} actions={actions} />}
        {jobs.length > 0 && <JobFilters tally={tallyOf(jobs)} state={state} />}
      </div>
      {jobs.length === 0 && <NoJobs announce={announce} />}
      {jobs.length > 0 && found.length === 0 && (
        <NoMatch
          showAll={() => {
            state.showAll();
          }}
        />
      )}
      {groups.length > 0 && <JobList groups={groups} state={state} goToCell={actions.goToCell} />}
      {earlier && earlierActions && <EarlierSection earlier={earlier} actions={earlierActions} />}
      <div class="primwidgets-JobCard-hidden" role="status">
        {said || outcome}
      </div>
    </>
  );
}

function Heading(): JSX.Element {
  return <h2>{trans.__("Jobs")}</h2>;
}

interface IButtonsProps {
  found: readonly IHubJob[];
  /** Whether those are all the jobs there are. */
  all: boolean;
  actions: ISidebarActions;
}

function Buttons({ found, all, actions }: IButtonsProps): JSX.Element {
  const live = found.filter(isCancellable);
  return (
    <div class="primwidgets-JobsPanel-buttons">
      <button
        type="button"
        class="primwidgets-JobsPanel-button"
        aria-disabled={live.length === 0}
        {...SUPPRESS_SHORTCUTS}
        onClick={() => {
          if (live.length > 0) {
            actions.cancelAll(live);
          }
        }}
      >
        {cancelLabel(all, live.length)}
      </button>
      <button
        type="button"
        class="primwidgets-JobsPanel-button"
        {...SUPPRESS_SHORTCUTS}
        onClick={actions.clearFinished}
      >
        {trans.__("Clear finished")}
      </button>
    </div>
  );
}

function cancelLabel(all: boolean, count: number): string {
  if (all) {
    return trans.__("Cancel all…");
  }
  return count === 0 ? trans.__("Cancel shown…") : trans.__("Cancel %1 shown…", count);
}
