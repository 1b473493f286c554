import type { ISessionContext } from "@jupyterlab/apputils";
import type { INotebookTracker } from "@jupyterlab/notebook";
import { Signal } from "@lumino/signaling";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { JobHub } from "../src/hub/jobHub";
import type { IHubJob } from "../src/hub/tokens";
import { OutputUpdater } from "../src/lab/outputs/outputUpdater";
import { readHubMessage, type HubMessage } from "../src/wire/hubMessage";
import type { StoredJob } from "../src/wire/storedJob";
import { news, jobFields } from "./fakeKernel";

const MIME = "application/vnd.primwidgets.job+json";

type Data = Record<string, unknown>;

/** The outputs of a cell, which know how often they were changed. */
class FakeOutputs {
  changes = 0;

  readonly metadata: Data[] = [];

  constructor(readonly data: Data[]) {}

  get length(): number {
    return this.data.length;
  }

  get(index: number): { data: Data; metadata: Data; toJSON(): object } {
    const data = this.data[index] ?? {};
    const metadata = this.metadata[index] ?? { kept: true };
    return { data, metadata, toJSON: () => ({ output_type: "display_data", metadata, data }) };
  }

  set(index: number, output: { data: Data; metadata: Data }): void {
    this.changes++;
    this.data[index] = output.data;
    this.metadata[index] = output.metadata;
  }

  updateOutputs(from: number, to: number): void {
    this.data.splice(from, to - from);
  }
}

class FakePanel {
  readonly model: { isDisposed: boolean; cells: object[]; collaborative: boolean; sharedModel: object };
  readonly context: { saveState: Signal<object, string>; ready: Promise<void>; model: object };
  readonly sessionContext = { kernel: "k1" };
  readonly disposed = new Signal<this, void>(this);
  open: () => void = () => undefined;

  constructor(...outputs: readonly FakeOutputs[]) {
    const code = outputs.map(one => ({ type: "code", outputs: one, sharedModel: one }));
    this.model = { isDisposed: false, cells: [{ type: "markdown" }, ...code], collaborative: false, sharedModel: {} };
    const ready = new Promise<void>(resolve => {
      this.open = resolve;
    });
    const context = {};
    this.context = Object.assign(context, { saveState: new Signal<object, string>(context), ready, model: this.model });
  }

  save(): void {
    this.context.saveState.emit("started");
  }
}

class FakeTracker {
  readonly widgetAdded = new Signal<this, FakePanel>(this);

  constructor(readonly panels: FakePanel[]) {}

  forEach(call: (panel: FakePanel) => void): void {
    this.panels.forEach(call);
  }

  find(fits: (panel: FakePanel) => boolean): FakePanel | undefined {
    return this.panels.find(fits);
  }
}

function stored(uid: string): Data {
  return {
    [MIME]: { primwidgets: 1, epoch: "e1", snapshot: jobFields(uid) },
    "text/plain": "old",
    "text/html": "old",
    "application/vnd.jupyter.widget-view+json": { model_id: "m" }
  };
}

describe("the keeper of outputs", () => {
  let hub: JobHub;
  let outputs: FakeOutputs;
  let panel: FakePanel;
  let tracker: FakeTracker;
  let keeper: OutputUpdater;

  beforeEach(() => {
    vi.useFakeTimers();
    hub = new JobHub();
    outputs = new FakeOutputs([{ "text/plain": "other" }, stored("u1")]);
    panel = new FakePanel(outputs);
    tracker = new FakeTracker([panel]);
    const jobOf = ({ kernel }: { kernel: string }, { epoch, snapshot }: StoredJob): IHubJob | null =>
      hub.kernel(kernel).ofProcess(snapshot.uid, epoch);
    const kernels = {
      hub,
      jobOf: jobOf as unknown as (context: ISessionContext | null, job: StoredJob) => IHubJob | null
    };
    keeper = new OutputUpdater(kernels, tracker as unknown as INotebookTracker);
  });

  afterEach(() => {
    keeper.dispose();
    vi.useRealTimers();
  });

  function tell(...jobs: readonly object[]): void {
    hub.kernel("k1").receive(readHubMessage(news(1, { whole: true, jobs })) as HubMessage);
  }

  it("writes the end of a job into its output, a moment later, and leaves the rest of the output alone", () => {
    tell(jobFields("u1", "done with counts", { name: "Bell" }));
    expect(outputs.changes).toBe(0);
    vi.advanceTimersByTime(1000);
    expect(outputs.changes).toBe(1);
    expect(outputs.data[1]).toMatchObject({
      [MIME]: { primwidgets: 1, epoch: "e1", snapshot: { uid: "u1", state: "DONE" } },
      "text/plain": expect.stringMatching(/^Bell · .*Done in/) as string,
      "text/html": expect.stringContaining("Bell") as string,
      "application/vnd.jupyter.widget-view+json": { model_id: "m" }
    });
    expect(outputs.data[0]).toEqual({ "text/plain": "other" });
  });

  it("writes nothing where the kernel has written it already", () => {
    const end = jobFields("u1", "done with counts");
    outputs.data[1] = { [MIME]: { primwidgets: 1, epoch: "e1", snapshot: end } };
    tell(end);
    vi.advanceTimersByTime(60_000);
    expect(outputs.changes).toBe(0);
  });

  it("writes nothing while a job runs, but when the notebook is saved", () => {
    tell(jobFields("u1", undefined, { progress: 0.75 }));
    vi.advanceTimersByTime(60_000);
    expect(outputs.changes).toBe(0);
    panel.save();
    expect(outputs.data[1]).toMatchObject({ [MIME]: { snapshot: { progress: 0.75 } } });
    expect(outputs.data[1]?.["text/plain"]).toContain("Running 75 %");
    panel.save();
    expect(outputs.changes).toBe(1);
  });

  it("writes each end once, whatever else the hub tells", () => {
    tell(jobFields("u1", "done with counts"));
    vi.advanceTimersByTime(1000);
    outputs.data[1] = stored("u1");
    tell(jobFields("u9"));
    vi.advanceTimersByTime(60_000);
    expect(outputs.changes).toBe(1);
  });

  it("writes the ends that came before the notebook was opened", async () => {
    tell(jobFields("u2", "failed"));
    vi.advanceTimersByTime(1000);
    const late = new FakeOutputs([stored("u2")]);
    const opened = new FakePanel(late);
    tracker.widgetAdded.emit(opened);
    expect(late.changes).toBe(0);
    opened.open();
    await vi.advanceTimersByTimeAsync(0);
    expect(late.data[0]).toMatchObject({ [MIME]: { snapshot: { state: "ERROR" } } });
  });

  describe("of a notebook that others have open, too", () => {
    function share(clientID: number): void {
      panel.model.collaborative = true;
      panel.model.sharedModel = { awareness: { clientID, getStates: () => new Map([1, 2, 3].map(id => [id, {}])) } };
    }

    it("writes an end at once where it is the first of the clients, with a mark", () => {
      share(1);
      tell(jobFields("u1", "done with counts"));
      vi.advanceTimersByTime(1000);
      expect(outputs.changes).toBe(1);
      expect(outputs.metadata[1]).toEqual({ kept: true, [MIME]: { slot: 0 } });
    });

    it("leaves the others time, and writes nothing where one of them has written", () => {
      share(3);
      const end = jobFields("u1", "done with counts");
      tell(end);
      vi.advanceTimersByTime(4000);
      expect(outputs.changes).toBe(0);
      outputs.data[1] = { [MIME]: { primwidgets: 1, epoch: "e1", snapshot: end } };
      vi.advanceTimersByTime(60_000);
      expect(outputs.changes).toBe(0);
    });

    it("writes an end that no other client wrote", () => {
      share(3);
      tell(jobFields("u1", "done with counts"));
      vi.advanceTimersByTime(5000);
      expect(outputs.changes).toBe(1);
    });

    it("leaves it to the first client to store what is known when the notebook is saved", () => {
      share(2);
      tell(jobFields("u1", undefined, { progress: 0.75 }));
      panel.save();
      expect(outputs.changes).toBe(0);
    });

    it("leaves one output where two clients wrote at the same time", () => {
      share(1);
      tell(jobFields("u1", "done with counts"));
      vi.advanceTimersByTime(1000);
      outputs.data.push(outputs.data[1] ?? {});
      outputs.metadata[2] = outputs.metadata[1] ?? {};
      vi.advanceTimersByTime(2000);
      expect(outputs.data).toHaveLength(2);
    });
  });

  it("writes nothing of a job of another kernel or process, whatever the output says", () => {
    hub
      .kernel("k2")
      .receive(readHubMessage(news(1, { whole: true, jobs: [jobFields("u1", "done with counts")] })) as HubMessage);
    hub
      .kernel("k1")
      .receive(
        readHubMessage(news(1, { epoch: "e2", whole: true, jobs: [jobFields("u1", "done with counts")] })) as HubMessage
      );
    vi.advanceTimersByTime(60_000);
    panel.save();
    expect(outputs.changes).toBe(0);
  });

  it("tells when it was seen of a job that has not ended", () => {
    vi.setSystemTime(new Date("2026-11-25T12:46:05Z"));
    tell(jobFields("u1", undefined, { progress: 0.75 }));
    panel.save();
    expect(outputs.data[1]?.["text/plain"]).toContain("when last seen, 2026-11-25 12:46 UTC");
    expect(outputs.data[1]).toMatchObject({ [MIME]: { seen_at: Date.parse("2026-11-25T12:46:05Z") / 1000 } });
  });

  it("leaves no timer and no listener behind", () => {
    const cleared = vi.spyOn(Signal, "clearData");
    tell(jobFields("u1", "done with counts"));
    keeper.dispose();
    expect(cleared).toHaveBeenCalledWith(keeper);
    expect(vi.getTimerCount()).toBe(0);
    panel.save();
    expect(outputs.changes).toBe(0);
  });
});
