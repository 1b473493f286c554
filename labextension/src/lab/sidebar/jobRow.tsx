import { Component, type JSX } from "preact";

import type { IHubJob } from "../../hub/tokens";
import { JobCard } from "../../card/jobCard";
import { SUPPRESS_SHORTCUTS } from "../../card/suppressShortcuts";
import { strings } from "../../i18n/strings";
import { trans } from "../../i18n/translation";
import { isLive } from "../jobKind";

interface IJobRowProps {
  job: IHubJob;
  /** Its place among the jobs of its group, from 1, and how many those are: not all of them may be drawn. */
  place: number;
  of: number;
  goToCell: (job: IHubJob) => void;
}

interface IJobRowState {
  /** Whether the details are open here; a card in a notebook has a fold of its own. */
  open: boolean;
}

/**
 * One job of the list. It is drawn again only when the job has changed: there may be many. A job that has ended takes one
 * line until it is opened.
 */
export class JobRow extends Component<IJobRowProps, IJobRowState> {
  override state: IJobRowState = { open: false };

  override shouldComponentUpdate(next: IJobRowProps, { open }: IJobRowState): boolean {
    const { job, place, of } = this.props;
    return next.job !== job || next.place !== place || next.of !== of || open !== this.state.open;
  }

  override render({ job, place, of }: IJobRowProps, { open }: IJobRowState): JSX.Element {
    const isLine = !open && !isLive(job);
    return (
      <li
        class="primwidgets-JobsPanel-row"
        data-job={job.key}
        data-line={isLine ? "" : undefined}
        data-has-cell={job.snapshot.cell_id === null ? undefined : ""}
        aria-posinset={place}
        aria-setsize={of}
        onClick={this.#onClick}
      >
        <JobCard
          compact
          snapshot={job.snapshot}
          parts={{}}
          ui={{ ...job.ui, open }}
          connection={job.connection}
          actions={{ ...job.actions, setOpen: this.#setOpen, showResult: this.#showResult }}
          aside={<Aside job={job} onClick={this.#goToCell} />}
        />
      </li>
    );
  }

  readonly #setOpen = (open: boolean): void => {
    this.setState({ open });
  };

  readonly #showResult = (): void => {
    this.props.job.actions.showResult();
    this.setState({ open: true });
  };

  readonly #goToCell = (): void => {
    this.props.goToCell(this.props.job);
  };

  /** A click on the title is a short cut for the button. */
  readonly #onClick = ({ target }: MouseEvent): void => {
    const isTitle = target instanceof Element && target.closest(".primwidgets-JobCard-title") !== null;
    if (isTitle && this.props.job.snapshot.cell_id !== null) {
      this.#goToCell();
    }
  };
}

/** When the job started, which a line shows, and the way to its cell. */
function Aside({ job, onClick }: { job: IHubJob; onClick: () => void }): JSX.Element {
  const { started_at, created_at, cell_id } = job.snapshot;
  const at = started_at ?? created_at;
  return (
    <>
      {at !== null && (
        <time class="primwidgets-JobsPanel-time" dateTime={new Date(at * 1000).toISOString()}>
          {new Date(at * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}
        </time>
      )}
      {cell_id !== null && <GoToCell job={job} onClick={onClick} />}
    </>
  );
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
