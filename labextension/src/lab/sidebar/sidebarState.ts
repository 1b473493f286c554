/** The filters and closed groups of the sidebar. They survive a reload of the page. */
import { Signal, type ISignal } from "@lumino/signaling";

import { JOB_KINDS, type JobKind } from "../jobKind";
import { SORT_ORDERS, type JobQuery, type SortOrder } from "./jobQuery";

/** The part of it that is kept, as JSON. */
export type SavedState = Readonly<{
  text: string;
  kinds: readonly JobKind[];
  order: SortOrder;
  closed: readonly string[];
}>;

/** The number of a group's cards that are drawn at first, and that each click on *Show more* adds. */
export const FIRST_CARDS = 30;
export const MORE_CARDS = 100;

/** The number of closed groups whose names are remembered, the newest ones. */
const MAX_CLOSED = 100;

const START: JobQuery = { text: "", kinds: [], order: "newest" };

/** Holds the filters and closed groups, and emits a signal when they change. */
export class SidebarState {
  readonly #changed = new Signal<this, void>(this);
  #query = START;
  #closed: ReadonlySet<string> = new Set();
  #limits: ReadonlyMap<string, number> = new Map();

  get changed(): ISignal<this, void> {
    return this.#changed;
  }

  get query(): JobQuery {
    return this.#query;
  }

  setQuery(change: Partial<JobQuery>): void {
    this.#query = { ...this.#query, ...change };
    this.#limits = new Map();
    this.#changed.emit();
  }

  /** Shows the jobs of a kind, beside those of the kinds chosen before; or leaves them out again. */
  toggleKind(kind: JobKind): void {
    const { kinds } = this.#query;
    this.setQuery({ kinds: kinds.includes(kind) ? kinds.filter(one => one !== kind) : [...kinds, kind] });
  }

  /** Shows all jobs, in the order chosen. */
  showAll(): void {
    this.setQuery({ text: "", kinds: [] });
  }

  isClosed(group: string): boolean {
    return this.#closed.has(group);
  }

  toggleGroup(group: string): void {
    const rest = [...this.#closed].filter(one => one !== group);
    this.#closed = new Set(this.#closed.has(group) ? rest : [...rest, group].slice(-MAX_CLOSED));
    this.#changed.emit();
  }

  /** How many cards of a group are drawn. */
  limitOf(group: string): number {
    return this.#limits.get(group) ?? FIRST_CARDS;
  }

  showMore(group: string): void {
    this.#limits = new Map([...this.#limits, [group, this.limitOf(group) + MORE_CARDS]]);
    this.#changed.emit();
  }

  /** What is to be kept. */
  toJSON(): SavedState {
    const { text, kinds, order } = this.#query;
    return { text, kinds, order, closed: [...this.#closed] };
  }

  /** Takes over what was kept, which may come from another version: what is not understood is left as it is. */
  restore(kept: unknown): void {
    const { text, kinds, order, closed } = (kept ?? {}) as Partial<Record<keyof SavedState, unknown>>;
    this.#query = {
      text: typeof text === "string" ? text : this.#query.text,
      kinds: JOB_KINDS.filter(kind => listOf(kinds).includes(kind)),
      order: SORT_ORDERS.find(one => one === order) ?? this.#query.order
    };
    this.#closed = new Set(listOf(closed).filter(one => typeof one === "string"));
    this.#changed.emit();
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
