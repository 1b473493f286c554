import type { JSX } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";

import { copyText } from "../card/copyText";
import { JobCard } from "../card/jobCard";
import { SUPPRESS_SHORTCUTS } from "../card/suppressShortcuts";
import { useNow } from "../card/useNow";
import type { IHubJob, IHubKernel } from "../hub/tokens";
import { trans } from "../i18n/translation";
import { isCancellable, isLive, tallyOf, type JobKind } from "../lab/jobKind";
import { BoardBar } from "./boardBar";
import { csvOf, type Column, type SortOrder } from "./boardColumns";
import { rowsOf } from "./boardRows";
import { BoardTable } from "./boardTable";
import { saveText } from "./saveText";
import { NOTHING, select, target, type SelectionMode } from "./selection";
import { spanOf } from "./timeBar";

export interface IBoardViewProps {
  jobs: readonly IHubJob[];
  kernels: readonly IHubKernel[];
  /** Asks for a cancel of each of these jobs. */
  cancel: (jobs: readonly IHubJob[]) => void;
}

const NEWEST_FIRST: SortOrder = { column: "submitted", ascending: false };

/** Many jobs in one table, with the card of the one that was opened. */
export function BoardView({ jobs, kernels, cancel }: IBoardViewProps): JSX.Element {
  const board = useRef<HTMLElement>(null);
  const now = useNow(jobs.some(isLive), board);
  const [text, setText] = useState("");
  const [kinds, setKinds] = useState<readonly JobKind[]>([]);
  const [order, setOrder] = useState(NEWEST_FIRST);
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(new Set());
  const [selection, setSelection] = useState(NOTHING);
  const [opened, setOpened] = useState<string | null>(null);
  const [said, announce] = useState("");
  const orderedAt = isOrderedByTime(order) ? now : 0;
  const rows = useMemo(
    () => rowsOf(jobs, kernels, { text, kinds, order, expanded }, orderedAt),
    [jobs, kernels, text, kinds, order, expanded, orderedAt]
  );
  const tally = useMemo(() => tallyOf(jobs), [jobs]);
  const keys = rows.map(({ job }) => job.key);
  const chosen = rows.map(({ job }) => job).filter(job => selection.keys.has(job.key));
  const meant = chosen.length > 0 ? chosen : rows.map(({ job }) => job);
  const open = opened === null ? undefined : jobs.find(job => job.key === opened);
  const onKey = (event: KeyboardEvent): void => {
    const to = target(selection, keys, event.key);
    if (to !== null && !event.altKey) {
      setSelection(select(selection, keys, to, event.shiftKey ? "range" : "alone"));
    } else if (event.key === "a" && (event.ctrlKey || event.metaKey)) {
      setSelection({ ...selection, keys: new Set(keys) });
    } else if (event.key === "Escape") {
      setSelection(NOTHING);
      setOpened(null);
    } else if (event.key === " " && selection.cursor !== null) {
      setSelection(select(selection, keys, selection.cursor, "toggle"));
    } else if (event.key === "Enter" && selection.cursor !== null) {
      setOpened(selection.cursor);
    } else if ((event.key === "ArrowRight" || event.key === "ArrowLeft") && selection.cursor !== null) {
      setExpanded(toggled(expanded, selection.cursor, event.key === "ArrowRight"));
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <section class="primwidgets-JobBoard" role="region" aria-label={trans.__("Job board")} ref={board}>
      <BoardBar
        text={text}
        kinds={kinds}
        tally={tally}
        shown={rows.length}
        chosen={chosen.length}
        cancellable={meant.filter(isCancellable).length}
        setText={setText}
        setKinds={setKinds}
        cancel={() => {
          cancel(meant.filter(isCancellable));
        }}
        copy={() => {
          void copyText(meant.map(({ snapshot }) => snapshot.job_id).join("\n")).then(isCopied => {
            announce(isCopied ? trans.__("Copied") : trans.__("Could not copy"));
          });
        }}
        save={() => {
          saveText("jobs.csv", csvOf(meant, now));
        }}
      />
      <BoardTable
        rows={rows}
        order={order}
        selection={selection}
        span={spanOf(jobs, now)}
        now={now}
        sortBy={(column: Column) => {
          const again = order.column === column;
          setOrder({ column, ascending: again ? !order.ascending : column !== "submitted" });
        }}
        choose={(key: string, mode: SelectionMode) => {
          setSelection(select(selection, keys, key, mode));
          if (mode === "alone" && opened !== null) {
            setOpened(key);
          }
        }}
        open={setOpened}
        expand={key => {
          setExpanded(toggled(expanded, key, !expanded.has(key)));
        }}
        onKey={onKey}
      />
      {rows.length === 0 && (
        <p class="primwidgets-JobBoard-empty">
          {jobs.length === 0 ? trans.__("No jobs yet") : trans.__("No job matches.")}
        </p>
      )}
      {open && (
        <OpenedCard
          job={open}
          close={() => {
            setOpened(null);
          }}
        />
      )}
      <div class="primwidgets-JobCard-hidden" role="status">
        {said}
      </div>
    </section>
  );
}

function OpenedCard({ job, close }: { job: IHubJob; close: () => void }): JSX.Element {
  return (
    <div class="primwidgets-JobBoard-card">
      <JobCard
        key={job.key}
        snapshot={job.snapshot}
        parts={{}}
        ui={job.ui}
        actions={job.actions}
        connection={job.connection}
      />
      <button type="button" class="primwidgets-JobBoard-button" {...SUPPRESS_SHORTCUTS} onClick={close}>
        {trans.__("Close")}
      </button>
    </div>
  );
}

function isOrderedByTime({ column }: SortOrder): boolean {
  return column === "queue" || column === "run";
}

function toggled(keys: ReadonlySet<string>, key: string, on: boolean): ReadonlySet<string> {
  const next = new Set(keys);
  if (on) {
    next.add(key);
  } else {
    next.delete(key);
  }
  return next;
}
