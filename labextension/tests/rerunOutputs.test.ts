import type { INotebookTracker } from "@jupyterlab/notebook";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { IHubJob } from "../src/hub/tokens";
import type { JobKernels } from "../src/lab/jobKernels";
import { RerunOutputs } from "../src/lab/outputs/rerunOutputs";
import type { RunSummary } from "../src/wire/snapshot";
import type { NamedJob } from "../src/wire/storedJob";
import { FAILED, FakeHub, RUNNING } from "./fakeHub";
import { golden } from "./golden";

const MIME = "application/vnd.primwidgets.job+json";
const FIRST: RunSummary = { number: 1, repeats: null, can_rerun: true, reruns: 0, problem: null };

type Output = Readonly<{ data: Readonly<Record<string, unknown>> }>;

function shown(uid: string): Output {
  return { data: { [MIME]: { primwidgets: 1, epoch: "e1", snapshot: golden(FAILED, { uid }) } } };
}

describe("the card of a job that was run again", () => {
  let hub: FakeHub;
  let outputs: Output[];
  let others: Output[];
  let made: RerunOutputs;

  beforeEach(() => {
    vi.useFakeTimers();
    hub = new FakeHub();
    outputs = [shown("old")];
    others = [shown("other")];
    const cells = [outputs, others].map(list => ({
      type: "code",
      outputs: {
        get length(): number {
          return list.length;
        },
        get: (index: number) => list[index],
        add: (output: Output) => list.push(output)
      }
    }));
    const panel = { model: { cells, isDisposed: false }, sessionContext: {} };
    const tracker = {
      forEach: (call: (one: object) => void) => {
        call(panel);
      }
    };
    const jobOf = (_: unknown, { snapshot }: NamedJob): IHubJob | null => hub.get(snapshot.uid);
    made = new RerunOutputs({ hub, jobOf } as unknown as JobKernels, tracker as unknown as INotebookTracker);
    hub.set(hub.job("old", FAILED, { run: FIRST }), hub.job("other", FAILED, { run: FIRST }));
  });

  afterEach(() => {
    made.dispose();
    vi.useRealTimers();
  });

  function uidsIn(list: readonly Output[]): unknown[] {
    return list.map(({ data }) => (data[MIME] as { snapshot: { uid: string } }).snapshot.uid);
  }

  function press(): void {
    const old = hub.job("old", FAILED, { run: FIRST });
    const sent = { rerun: { channel: "control", at: 0, seen: "NONE", run: FIRST } } as const;
    hub.set({ ...old, ui: { ...old.ui, sent } });
  }

  function answer(run: Partial<RunSummary> = { reruns: 1 }): void {
    const next = hub.job("new", RUNNING, { run: { ...FIRST, number: 2, repeats: "old" } });
    hub.set(hub.job("old", FAILED, { run: { ...FIRST, ...run } }), ...(run.problem ? [] : [next]));
  }

  it("is not looked for among all jobs while no button was pressed", () => {
    const all = vi.fn(() => []);
    Object.defineProperty(hub, "jobs", { get: all });
    hub.changed.emit({ jobs: [hub.job("other", FAILED, { run: FIRST })], removed: [] });
    expect(all).not.toHaveBeenCalled();
  });

  it("is put below the card whose button was pressed, once, and in no other cell", () => {
    press();
    answer();
    expect(uidsIn(outputs)).toEqual(["old"]);
    vi.advanceTimersByTime(1000);
    hub.set();
    vi.advanceTimersByTime(1000);
    expect(uidsIn(outputs)).toEqual(["old", "new"]);
    expect(uidsIn(others)).toEqual(["other"]);
  });

  it("is left to the kernel where that has displayed it", () => {
    press();
    answer();
    outputs.push(shown("new"));
    vi.advanceTimersByTime(1000);
    expect(uidsIn(outputs)).toEqual(["old", "new"]);
  });

  it("is put nowhere when no button was pressed in this page", () => {
    answer();
    vi.advanceTimersByTime(1000);
    expect(uidsIn(outputs)).toEqual(["old"]);
  });

  it("is put nowhere when the call could not be started", () => {
    press();
    answer({ problem: "no" });
    answer({ reruns: 1 });
    vi.advanceTimersByTime(1000);
    expect(uidsIn(outputs)).toEqual(["old"]);
  });

  it("is not put into a page that is closed", () => {
    press();
    answer();
    made.dispose();
    vi.advanceTimersByTime(1000);
    expect(uidsIn(outputs)).toEqual(["old"]);
  });
});
