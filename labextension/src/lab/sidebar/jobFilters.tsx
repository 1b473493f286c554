import type { JSX } from "preact";

import { SUPPRESS_SHORTCUTS } from "../../card/suppressShortcuts";
import { trans } from "../../i18n/translation";
import { countText, JOB_KINDS, type JobKind, type Tally } from "../jobKind";
import { SORT_ORDERS, type SortOrder } from "./jobQuery";
import type { SidebarState } from "./sidebarState";

/** The filters of the sidebar: words, kinds of jobs with their counts, and the order. */
export function JobFilters({ tally, state }: { tally: Tally; state: SidebarState }): JSX.Element {
  return (
    <div class="primwidgets-JobsPanel-filters" role="search" aria-label={trans.__("Filter the jobs")}>
      <input
        type="search"
        class="primwidgets-JobsPanel-search"
        value={state.query.text}
        placeholder={trans.__("Find jobs")}
        title={trans.__("Search in names, ids, tags, providers, messages, errors and notebooks")}
        aria-label={trans.__("Find jobs")}
        {...SUPPRESS_SHORTCUTS}
        onInput={event => {
          state.setQuery({ text: event.currentTarget.value });
        }}
      />
      <OrderChoice order={state.query.order} state={state} />
      <KindChoice tally={tally} state={state} />
    </div>
  );
}

function OrderChoice({ order, state }: { order: SortOrder; state: SidebarState }): JSX.Element {
  const words: Readonly<Record<SortOrder, string>> = {
    newest: trans.__("Newest first"),
    oldest: trans.__("Oldest first"),
    state: trans.__("By state"),
    name: trans.__("By name")
  };
  return (
    <select
      class="primwidgets-JobsPanel-order"
      aria-label={trans.__("Order of the jobs")}
      value={order}
      {...SUPPRESS_SHORTCUTS}
      onChange={event => {
        state.setQuery({ order: event.currentTarget.value as SortOrder });
      }}
    >
      {SORT_ORDERS.map(one => (
        <option key={one} value={one}>
          {words[one]}
        </option>
      ))}
    </select>
  );
}

/** One switch for each kind of which there are jobs, or that is chosen. */
function KindChoice({ tally, state }: { tally: Tally; state: SidebarState }): JSX.Element {
  const { kinds } = state.query;
  const offered = JOB_KINDS.filter(kind => tally[kind] > 0 || kinds.includes(kind));
  return (
    <div class="primwidgets-JobsPanel-kinds" role="group" aria-label={trans.__("Show only")}>
      {offered.map(kind => (
        <KindSwitch key={kind} kind={kind} count={tally[kind]} on={kinds.includes(kind)} state={state} />
      ))}
    </div>
  );
}

interface IKindSwitchProps {
  kind: JobKind;
  count: number;
  on: boolean;
  state: SidebarState;
}

function KindSwitch({ kind, count, on, state }: IKindSwitchProps): JSX.Element {
  return (
    <button
      type="button"
      class="primwidgets-JobsPanel-kind"
      data-kind={kind}
      aria-pressed={on}
      {...SUPPRESS_SHORTCUTS}
      onClick={() => {
        state.toggleKind(kind);
      }}
    >
      {countText(kind, count)}
    </button>
  );
}
