import { Component, type JSX } from "preact";

import type { IHubJob } from "../../hub/tokens";
import { JobCard } from "../../card/jobCard";
import { SUPPRESS_SHORTCUTS } from "../../card/suppressShortcuts";
import { strings } from "../../i18n/strings";
import { trans } from "../../i18n/translation";

interface IJobRowProps {
  job: IHubJob;
  /** Its place among the jobs of its group, from 1, and how many those are: not all of them may be drawn. */
  place: number;
  of: number;
  goToCell: (job: IHubJob) => void;
}

/** One job of the list. It is drawn again only when the job has changed: there may be many. */
export class JobRow extends Component<IJobRowProps> {
  override shouldComponentUpdate(next: IJobRowProps): boolean {
    return next.job !== this.props.job || next.place !== this.props.place || next.of !== this.props.of;
  }

  override render({ job, place, of, goToCell }: IJobRowProps): JSX.Element {
    return (
      <li class="primwidgets-JobsPanel-row" data-job={job.key} aria-posinset={place} aria-setsize={of}>
        <JobCard
          compact
          snapshot={job.snapshot}
          parts={{}}
          ui={job.ui}
          connection={job.connection}
          actions={job.actions}
          aside={
            job.snapshot.cell_id !== null && (
              <GoToCell
                job={job}
                onClick={() => {
                  goToCell(job);
                }}
              />
            )
          }
        />
      </li>
    );
  }
}

function GoToCell({ job, onClick }: { job: IHubJob; onClick: () => void }): JSX.Element {
  return (
    <button
      type="button"
      class="primwidgets-JobsPanel-icon"
      title={trans.__("Go to the cell")}
      aria-label={trans.__("Go to the cell of %1", strings.titleOf(job.snapshot))}
      {...SUPPRESS_SHORTCUTS}
      onClick={onClick}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
        <path d="M7 3h5.5v10H7M2.5 8h6.5M6.5 5.5 9 8l-2.5 2.5" />
      </svg>
    </button>
  );
}
