import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { SUPPRESS_SHORTCUTS } from "../card/suppressShortcuts";
import { trans } from "../i18n/translation";
import { countText, JOB_KINDS, type JobKind, type Tally } from "../lab/jobKind";

interface IBoardBarProps {
  text: string;
  kinds: readonly JobKind[];
  tally: Tally;
  /** Rows that are shown. */
  shown: number;
  /** Rows that are selected. */
  chosen: number;
  /** Of the selected rows, or of all where none is, how many can be cancelled. */
  cancellable: number;
  setText: (text: string) => void;
  setKinds: (kinds: readonly JobKind[]) => void;
  cancel: () => void;
  copy: () => void;
  save: () => void;
}

/** What is above the table: the filters, and what can be done with the selected jobs, or with all where none is. */
export function BoardBar(props: IBoardBarProps): JSX.Element {
  const { text, setText, copy, save } = props;
  return (
    <div class="primwidgets-JobBoard-bar">
      <input
        type="search"
        class="primwidgets-JobBoard-search"
        value={text}
        placeholder={trans.__("Find jobs")}
        aria-label={trans.__("Find jobs")}
        {...SUPPRESS_SHORTCUTS}
        onInput={event => {
          setText(event.currentTarget.value);
        }}
      />
      <Kinds {...props} />
      <span class="primwidgets-JobBoard-count">{countOf(props)}</span>
      <CancelButton {...props} />
      <Button onClick={copy}>{trans.__("Copy IDs")}</Button>
      <Button onClick={save}>{trans.__("Export CSV")}</Button>
    </div>
  );
}

/** The filters count the members of groups, too, so that is said where not each of them has a row. */
function countOf({ shown, chosen, tally, text, kinds }: IBoardBarProps): string {
  const all = Object.values(tally).reduce((sum, count) => sum + count, 0);
  if (chosen > 0) {
    return trans.__("%1 of %2 selected", chosen, shown);
  }
  if (text !== "" || kinds.length > 0) {
    return trans.__("%1 of %2 jobs", shown, all);
  }
  return shown < all ? trans.__("%1 jobs in %2 rows", all, shown) : trans._n("%1 job", "%1 jobs", all);
}

function Kinds({ tally, kinds, setKinds }: IBoardBarProps): JSX.Element {
  return (
    <div class="primwidgets-JobBoard-kinds" role="group" aria-label={trans.__("Show only")}>
      {JOB_KINDS.filter(kind => tally[kind] > 0 || kinds.includes(kind)).map(kind => (
        <button
          key={kind}
          type="button"
          class="primwidgets-JobBoard-kind"
          data-kind={kind}
          aria-pressed={kinds.includes(kind)}
          {...SUPPRESS_SHORTCUTS}
          onClick={() => {
            setKinds(kinds.includes(kind) ? kinds.filter(one => one !== kind) : [...kinds, kind]);
          }}
        >
          {countText(kind, tally[kind])}
        </button>
      ))}
    </div>
  );
}

/** Asks once more before it cancels. */
function CancelButton({ cancellable: count, cancel }: IBoardBarProps): JSX.Element {
  const [isAsking, ask] = useState(false);
  if (!isAsking || count === 0) {
    return (
      <Button
        disabled={count === 0}
        onClick={() => {
          ask(true);
        }}
      >
        {count === 0 ? trans.__("Cancel…") : trans._n("Cancel %1 job…", "Cancel %1 jobs…", count)}
      </Button>
    );
  }
  return (
    <span class="primwidgets-JobBoard-question" role="group" aria-label={trans.__("Cancel these jobs?")}>
      {trans._n("Cancel %1 job?", "Cancel %1 jobs?", count)}
      <Button
        onClick={() => {
          ask(false);
          cancel();
        }}
      >
        {trans._n("Cancel job", "Cancel jobs", count)}
      </Button>
      <Button
        onClick={() => {
          ask(false);
        }}
      >
        {trans.__("Keep running")}
      </Button>
    </span>
  );
}

interface IButtonProps {
  disabled?: boolean;
  onClick: () => void;
  children: string;
}

function Button({ disabled = false, onClick, children }: IButtonProps): JSX.Element {
  return (
    <button
      type="button"
      class="primwidgets-JobBoard-button"
      aria-disabled={disabled}
      {...SUPPRESS_SHORTCUTS}
      onClick={() => {
        if (!disabled) {
          onClick();
        }
      }}
    >
      {children}
    </button>
  );
}
