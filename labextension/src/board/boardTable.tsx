import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { StateIcon } from "../card/stateIcon";
import { SUPPRESS_SHORTCUTS } from "../card/suppressShortcuts";
import { trans } from "../i18n/translation";
import { COLUMNS, headingOf, textOf, type Column, type SortOrder } from "./boardColumns";
import type { BoardRow } from "./boardRows";
import type { Selection, SelectionMode } from "./selection";
import { TimeBar, type TimeSpan } from "./timeBar";

/** Pixels; every row has this height, so that the place of each is known without drawing the others. */
export const ROW_HEIGHT = 28;
/** Rows that are drawn above and below those that can be seen. */
const SPARE = 8;

export interface IBoardTableProps {
  rows: readonly BoardRow[];
  order: SortOrder;
  selection: Selection;
  span: TimeSpan;
  now: number;
  sortBy: (column: Column) => void;
  choose: (key: string, mode: SelectionMode) => void;
  open: (key: string) => void;
  expand: (key: string) => void;
  onKey: (event: KeyboardEvent) => void;
}

/** The jobs in a table of which only those rows are drawn that can be seen. */
export function BoardTable(props: IBoardTableProps): JSX.Element {
  const { rows, selection, onKey } = props;
  const body = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 400 });
  useEffect(() => {
    const element = body.current;
    if (element === null) {
      return undefined;
    }
    const measure = (): void => {
      setView({ top: element.scrollTop, height: element.clientHeight || 400 });
    };
    measure();
    const { ResizeObserver: Observer } = globalThis as { ResizeObserver?: typeof ResizeObserver };
    const observer = Observer && new Observer(measure);
    observer?.observe(element);
    return () => {
      observer?.disconnect();
    };
  }, []);
  const cursor = rows.findIndex(({ job }) => job.key === selection.cursor);
  const shownRef = useRef<string | null>(null);
  useEffect(() => {
    if (shownRef.current !== selection.cursor) {
      shownRef.current = selection.cursor; // rows that come and go do not scroll the table
      scrollTo(body.current, cursor);
    }
  }, [selection.cursor, cursor]);
  const first = Math.max(0, Math.floor(view.top / ROW_HEIGHT) - SPARE);
  const last = Math.min(rows.length, Math.ceil((view.top + view.height) / ROW_HEIGHT) + SPARE);
  return (
    <div
      class="primwidgets-JobBoard-table"
      role="grid"
      aria-label={trans.__("Jobs")}
      aria-rowcount={rows.length + 1}
      aria-multiselectable="true"
      aria-activedescendant={cursor >= first && cursor < last ? rowId(selection.cursor) : undefined}
      tabIndex={0}
      ref={body}
      {...SUPPRESS_SHORTCUTS}
      onKeyDown={onKey}
      onScroll={({ currentTarget: { scrollTop, clientHeight } }) => {
        setView({ top: scrollTop, height: clientHeight });
      }}
    >
      <Headings {...props} />
      <div role="rowgroup" style={{ height: `${rows.length * ROW_HEIGHT}px`, position: "relative" }}>
        {rows.slice(first, last).map((row, index) => (
          <Row key={row.job.key} {...props} row={row} index={first + index} />
        ))}
      </div>
    </div>
  );
}

function Headings({ order, sortBy }: IBoardTableProps): JSX.Element {
  return (
    <div class="primwidgets-JobBoard-head" role="rowgroup">
      <div class="primwidgets-JobBoard-row primwidgets-JobBoard-headings" role="row" aria-rowindex={1}>
        {COLUMNS.map(column => (
          <div
            key={column}
            role="columnheader"
            data-column={column}
            aria-sort={order.column === column ? (order.ascending ? "ascending" : "descending") : "none"}
          >
            <button
              type="button"
              tabIndex={-1}
              onClick={() => {
                sortBy(column);
              }}
            >
              {headingOf(column)}
            </button>
          </div>
        ))}
        <div role="columnheader" data-column="times">
          {trans.__("Timeline")}
        </div>
      </div>
    </div>
  );
}

type RowProps = IBoardTableProps & { row: BoardRow; index: number };

function Row({ row, index, selection, span, now, choose, open, expand }: RowProps): JSX.Element {
  const { job, isMember, isExpanded } = row;
  const { key, snapshot } = job;
  return (
    <div
      class="primwidgets-JobBoard-row"
      role="row"
      id={rowId(key)}
      aria-rowindex={index + 2}
      aria-selected={selection.keys.has(key)}
      data-job={key}
      data-cursor={selection.cursor === key ? "" : undefined}
      data-member={isMember ? "" : undefined}
      style={{ top: `${index * ROW_HEIGHT}px` }}
      onClick={event => {
        choose(key, event.shiftKey ? "range" : event.ctrlKey || event.metaKey ? "toggle" : "alone");
      }}
      onDblClick={() => {
        open(key);
      }}
    >
      {COLUMNS.map(column => {
        const text = textOf(column, job, now);
        return (
          <div key={column} role="gridcell" data-column={column} title={text}>
            {column === "state" && <StateIcon state={snapshot.state} />}
            {column === "name" && snapshot.group !== null && (
              <Expander
                isExpanded={isExpanded}
                name={text}
                onClick={() => {
                  expand(key);
                }}
              />
            )}
            <bdi>{text}</bdi>
          </div>
        );
      })}
      <div role="gridcell" data-column="times">
        <TimeBar snapshot={snapshot} span={span} now={now} />
      </div>
    </div>
  );
}

function Expander({
  isExpanded,
  name,
  onClick
}: {
  isExpanded: boolean;
  name: string;
  onClick: () => void;
}): JSX.Element {
  return (
    <button
      type="button"
      class="primwidgets-JobBoard-expander"
      tabIndex={-1}
      aria-expanded={isExpanded}
      aria-label={trans.__("Jobs of %1", name)}
      onClick={event => {
        event.stopPropagation();
        onClick();
      }}
    />
  );
}

/** The id of a row's element. Boards of one page can show the same job, but only one of them has the focus. */
function rowId(key: string | null): string {
  return `primwidgets-job-${key ?? ""}`;
}

function scrollTo(body: HTMLElement | null, index: number): void {
  if (body === null || index < 0) {
    return;
  }
  const top = index * ROW_HEIGHT;
  if (top < body.scrollTop) {
    body.scrollTop = top;
  } else if (top + 2 * ROW_HEIGHT > body.scrollTop + body.clientHeight) {
    body.scrollTop = top + 2 * ROW_HEIGHT - body.clientHeight; // the headings cover a row
  }
}
