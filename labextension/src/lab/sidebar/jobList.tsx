import type { JSX } from "preact";

import type { IHubJob } from "../../hub/tokens";
import { SUPPRESS_SHORTCUTS } from "../../card/suppressShortcuts";
import { trans } from "../../i18n/translation";
import { tallyOf, tallyParts } from "../jobKind";
import type { JobGroup } from "./jobQuery";
import { JobRow } from "./jobRow";
import { MORE_CARDS, type SidebarState } from "./sidebarState";

interface IJobListProps {
  groups: readonly JobGroup[];
  state: SidebarState;
  goToCell: (job: IHubJob) => void;
}

/** The jobs by notebook. */
export function JobList({ groups, state, goToCell }: IJobListProps): JSX.Element {
  return (
    <div class="primwidgets-JobsPanel-groups">
      {groups.map(group => (
        <Group key={group.key} group={group} state={state} goToCell={goToCell} />
      ))}
    </div>
  );
}

interface IGroupProps {
  group: JobGroup;
  state: SidebarState;
  goToCell: (job: IHubJob) => void;
}

function Group({ group, state, goToCell }: IGroupProps): JSX.Element {
  const { key, kernel } = group;
  const closed = state.isClosed(key);
  return (
    <section class="primwidgets-JobsPanel-group">
      <h3 title={kernel.path}>
        <button
          type="button"
          class="primwidgets-JobsPanel-groupToggle"
          aria-expanded={!closed}
          {...SUPPRESS_SHORTCUTS}
          onClick={() => {
            state.toggleGroup(key);
          }}
        >
          <bdi>{kernel.name || kernel.path || trans.__("Kernel")}</bdi>
          <span class="primwidgets-JobsPanel-tally">
            {tallyParts(tallyOf(group.jobs)).map((part, index, { length }) => (
              <span key={part}>{index < length - 1 ? `${part} · ` : part}</span>
            ))}
          </span>
        </button>
      </h3>
      {!closed && <GroupBody group={group} state={state} goToCell={goToCell} />}
    </section>
  );
}

function GroupBody({ group: { key, kernel, jobs }, state, goToCell }: IGroupProps): JSX.Element {
  const shown = jobs.slice(0, state.limitOf(key));
  return (
    <>
      {kernel.versionProblem && (
        <p class="primwidgets-JobsPanel-note">
          {trans.__(
            "This kernel and this page use different versions of primwidgets. The jobs of this kernel are not shown."
          )}
        </p>
      )}
      <ul class="primwidgets-JobsPanel-rows" role="list" aria-label={kernel.name}>
        {shown.map((job, index) => (
          <JobRow key={job.key} job={job} place={index + 1} of={jobs.length} goToCell={goToCell} />
        ))}
      </ul>
      <ShowMore
        hidden={jobs.length - shown.length}
        onClick={() => {
          state.showMore(key);
        }}
      />
    </>
  );
}

function ShowMore({ hidden, onClick }: { hidden: number; onClick: () => void }): JSX.Element | null {
  return hidden <= 0 ? null : (
    <button type="button" class="primwidgets-JobsPanel-more" {...SUPPRESS_SHORTCUTS} onClick={onClick}>
      {trans.__("Show %1 more of %2", Math.min(hidden, MORE_CARDS), hidden)}
    </button>
  );
}
