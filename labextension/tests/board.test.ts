import { act } from "preact/test-utils";
import { afterEach, describe, expect, it, vi } from "vitest";

import createBoard, { type IBoardModel } from "../src/board/board";
import { csvOf, sortJobs, type Column } from "../src/board/boardColumns";
import { rowsOf, type BoardQuery } from "../src/board/boardRows";
import { NOTHING, select, target } from "../src/board/selection";
import type { IHubJob } from "../src/hub/tokens";
import type { Command, HubCommand } from "../src/wire/protocol";
import type { JobSnapshot } from "../src/wire/snapshot";
import { golden, GOLDEN_NOW } from "./golden";

const QUERY: BoardQuery = {
  text: "",
  kinds: [],
  order: { column: "submitted", ascending: false },
  expanded: new Set()
};

function job(uid: string, change: Partial<JobSnapshot> = {}): IHubJob {
  const snapshot = golden("running with progress", { uid, job_id: uid, name: uid, ...change });
  return { key: `k/${uid}`, kernelId: "k", snapshot, connection: "live" } as unknown as IHubJob;
}

const GROUP = golden("a group of jobs").group;
const JOBS = [
  job("step 10", { created_at: 5 }),
  job("scan", { created_at: 3, group: GROUP, job_id: "g" }),
  job("inner 1", { created_at: 3, group_id: "g", state: "ERROR" }),
  job("inner 2", { created_at: 4, group_id: "g" }),
  job("step 9", { created_at: 2, group_id: "gone" })
];

const names = (query: Partial<BoardQuery>): readonly (string | null)[] =>
  rowsOf(JOBS, [], { ...QUERY, ...query }, GOLDEN_NOW).map(row => row.job.snapshot.name);

describe("the rows of the board", () => {
  it("are the groups, and the jobs of no group that is there", () => {
    expect(names({})).toEqual(["step 10", "scan", "step 9"]);
  });

  it("hold the members below their group where that is expanded", () => {
    expect(names({ expanded: new Set(["k/scan"]) })).toEqual(["step 10", "scan", "inner 2", "inner 1", "step 9"]);
  });

  it("are all jobs that match a filter", () => {
    expect(names({ text: "inner" })).toEqual(["inner 2", "inner 1"]);
    expect(names({ kinds: ["failed"] })).toEqual(["inner 1"]);
  });

  it("can be sorted by each column, and names by the numbers in them", () => {
    expect(names({ order: { column: "name", ascending: true } })).toEqual(["scan", "step 9", "step 10"]);
    const columns: readonly Column[] = ["state", "where", "queue", "run", "progress", "info"];
    columns.forEach(column => {
      expect(sortJobs(JOBS, { column, ascending: false }, GOLDEN_NOW)).toHaveLength(JOBS.length);
    });
  });
});

describe("a selection", () => {
  const order = ["a", "b", "c", "d"];

  it("is one row, several rows or a range", () => {
    const one = select(NOTHING, order, "b", "alone");
    expect([...select(one, order, "d", "toggle").keys]).toEqual(["b", "d"]);
    expect([...select(one, order, "b", "toggle").keys]).toEqual([]);
    expect([...select(one, order, "d", "range").keys]).toEqual(["b", "c", "d"]);
    expect([...select(one, order, "a", "range").keys]).toEqual(["a", "b"]);
  });

  it("moves with the keys and stays in the table", () => {
    const at = { ...NOTHING, cursor: "b" };
    expect(["ArrowDown", "ArrowUp", "Home", "End", "PageDown", "x"].map(key => target(at, order, key))).toEqual([
      "c",
      "a",
      "a",
      "d",
      "d",
      null
    ]);
    expect(target(NOTHING, order, "ArrowDown")).toBe("a");
    expect(target(NOTHING, [], "ArrowDown")).toBeNull();
  });
});

describe("the exported table", () => {
  it("quotes what has to be quoted and holds no formulas", () => {
    const odd = job("u", { name: '=cmd("x"), y', message: "-5", error: null, progress_text: null });
    const [head, line] = csvOf([odd], GOLDEN_NOW).split("\r\n");
    expect(head?.startsWith("name,job_id,state")).toBe(true);
    expect(line?.startsWith(`"'=cmd(""x""), y",u,RUNNING`)).toBe(true);
    expect(line?.endsWith(",-5")).toBe(true);
  });
});

class FakeBoardModel implements IBoardModel {
  readonly sent: (Command | HubCommand)[] = [];
  readonly listeners = new Set<(content: unknown) => void>();

  get(): unknown {
    return {};
  }

  on(_: "msg:custom", listener: (content: unknown) => void): void {
    this.listeners.add(listener);
  }

  off(_: "msg:custom", listener: (content: unknown) => void): void {
    this.listeners.delete(listener);
  }

  send(content: Command | HubCommand): void {
    this.sent.push(content);
  }

  tell(jobs: readonly unknown[], whole = true): void {
    const message = { primwidgets: 1, epoch: "e", sequence: 1, whole, jobs, removed: [] };
    this.listeners.forEach(listener => {
      listener(message);
    });
  }
}

describe("the widget of the board", () => {
  const ends: (() => void)[] = [];

  afterEach(() => {
    ends.splice(0).forEach(end => {
      end();
    });
    document.body.replaceChildren();
    vi.restoreAllMocks();
  });

  async function shown(): Promise<[FakeBoardModel, HTMLElement]> {
    const [model, el] = [new FakeBoardModel(), document.createElement("div")];
    document.body.append(el);
    const hooks = createBoard();
    ends.push(hooks.initialize({ model }), hooks.render({ model, el }));
    await frame();
    return [model, el];
  }

  async function frame(): Promise<void> {
    await act(() => new Promise(done => requestAnimationFrame(() => setTimeout(done))));
  }

  async function click(el: HTMLElement, text: string): Promise<void> {
    const button = [...el.querySelectorAll("button")].find(one => one.textContent === text);
    await act(() => {
      button?.click();
    });
    await frame();
  }

  it("asks for all jobs, draws those that can be seen, and goes without a trace", async () => {
    const [model, el] = await shown();
    expect(model.sent).toEqual([{ primwidgets: 1, verb: "sync" }]);
    expect(el.textContent).toContain("No jobs yet");
    model.tell(Array.from({ length: 1000 }, (_, index) => golden("running with progress", { uid: `u${index}` })));
    await frame();
    expect(el.querySelector("[role=grid]")?.getAttribute("aria-rowcount")).toBe("1001");
    expect(el.querySelectorAll("[role=row]").length).toBeLessThan(60);
    ends.splice(0).forEach(end => {
      end();
    });
    expect(model.listeners.size).toBe(0);
    expect(el.childElementCount).toBe(0);
  });

  it("cancels the selected jobs, but asks once more", async () => {
    const [model, el] = await shown();
    model.tell(["a", "b"].map(uid => golden("running with progress", { uid, name: uid, can_cancel: true })));
    await frame();
    await act(() => {
      el.querySelector<HTMLElement>("[data-job$='/b']")?.click();
    });
    await click(el, "Cancel 1 job…");
    expect(model.sent).toHaveLength(1);
    await click(el, "Cancel job");
    expect(model.sent.at(-1)).toEqual({ primwidgets: 1, verb: "cancel", uid: "b" });
  });

  it("opens the card of a job by the keyboard", async () => {
    const [model, el] = await shown();
    model.tell([golden("running with progress", { uid: "a", name: "mine" })]);
    await frame();
    const grid = el.querySelector("[role=grid]");
    for (const key of ["ArrowDown", "Enter"]) {
      await act(() => {
        grid?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      });
    }
    expect(el.querySelector(".primwidgets-JobCard-title")?.textContent).toBe("mine");
  });
});
