import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { persistState } from "../src/lab/sidebar/persistState";
import { FIRST_CARDS, MORE_CARDS, SidebarState } from "../src/lab/sidebar/sidebarState";

/** Counts the changes that are emitted. */
function watched(): { state: SidebarState; count: () => number } {
  const state = new SidebarState();
  let changes = 0;
  state.changed.connect(() => (changes += 1), {});
  return { state, count: () => changes };
}

it("shows everything, newest first, at the start", () => {
  expect(new SidebarState().query).toEqual({ text: "", kinds: [], order: "newest" });
});

it("adds and takes away kinds, and tells each change once", () => {
  const { state, count } = watched();
  state.toggleKind("failed");
  state.toggleKind("done");
  state.toggleKind("failed");
  expect(state.query.kinds).toEqual(["done"]);
  expect(count()).toBe(3);
});

it("keeps the order when all jobs are asked for", () => {
  const { state } = watched();
  state.setQuery({ text: "a", kinds: ["done"], order: "name" });
  state.showAll();
  expect(state.query).toEqual({ text: "", kinds: [], order: "name" });
});

it("draws more cards on request, and begins anew for another query", () => {
  const { state, count } = watched();
  state.showMore("g");
  expect(state.limitOf("g")).toBe(FIRST_CARDS + MORE_CARDS);
  expect(state.limitOf("other")).toBe(FIRST_CARDS);
  expect(count()).toBe(1);
  state.setQuery({ text: "a" });
  expect(state.limitOf("g")).toBe(FIRST_CARDS);
});

describe("what is kept", () => {
  it("comes back as it was", () => {
    const { state } = watched();
    state.setQuery({ text: "vqe", kinds: ["failed"], order: "state" });
    state.toggleGroup("notebook:a.ipynb");
    const { state: other, count } = watched();
    other.restore(JSON.parse(JSON.stringify(state.toJSON())));
    expect(other.query).toEqual(state.query);
    expect(other.isClosed("notebook:a.ipynb")).toBe(true);
    expect(other.isClosed("notebook:b.ipynb")).toBe(false);
    expect(count()).toBe(1);
  });

  it.each([undefined, null, 3, "x", { text: 1, kinds: "failed", order: "random", closed: {} }, { kinds: ["no kind"] }])(
    "does no harm where it is %j",
    kept => {
      const { state } = watched();
      state.restore(kept);
      expect(state.toJSON()).toEqual(new SidebarState().toJSON());
    }
  );

  it("does not grow for ever", () => {
    const { state } = watched();
    for (let index = 0; index < 300; index++) {
      state.toggleGroup(`group ${index}`);
    }
    expect(state.toJSON().closed).toHaveLength(100);
    expect(state.isClosed("group 299")).toBe(true);
  });
});

/** The database of the page, without a page. */
class FakeDatabase {
  readonly saved: unknown[] = [];
  constructor(readonly kept: unknown) {}

  fetch(): Promise<unknown> {
    return Promise.resolve(this.kept);
  }

  save(_key: string, value: unknown): Promise<void> {
    this.saved.push(value);
    return Promise.resolve();
  }
}

describe("the page's database", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  async function keep(kept: unknown) {
    const state = new SidebarState();
    const database = new FakeDatabase(kept);
    const keeping = persistState(state, database as never);
    await vi.advanceTimersByTimeAsync(0);
    return { state, database, keeping };
  }

  it("gives back what was set before the page was loaded, and is not written for that", async () => {
    const { state, database } = await keep({ text: "vqe" });
    await vi.runAllTimersAsync();
    expect(state.query.text).toBe("vqe");
    expect(database.saved).toEqual([]);
  });

  it("is written once for several quick changes", async () => {
    const { state, database } = await keep(undefined);
    state.setQuery({ text: "v" });
    state.setQuery({ text: "vq" });
    await vi.runAllTimersAsync();
    expect(database.saved).toEqual([state.toJSON()]);
  });

  it("is left alone after the end", async () => {
    const { state, database, keeping } = await keep(undefined);
    state.setQuery({ text: "v" });
    keeping.dispose();
    state.setQuery({ text: "vq" });
    await vi.runAllTimersAsync();
    expect(database.saved).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
