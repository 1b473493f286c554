import type { ISessionContext } from "@jupyterlab/apputils";
import type { INotebookTracker } from "@jupyterlab/notebook";
import { Signal } from "@lumino/signaling";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { readHubMessage, type HubMessage } from "../src/wire/hubMessage";
import { JobHub } from "../src/hub/jobHub";
import type { IHubJob } from "../src/hub/tokens";
import type { JobKernels } from "../src/lab/jobKernels";
import { LostOutputs } from "../src/lab/outputs/lostOutputs";
import type { NamedJob } from "../src/wire/storedJob";
import { news, jobFields } from "./fakeKernel";

const MIME = "application/vnd.primwidgets.job+json";
const KEY = "primwidgets:places";

type Output = Readonly<{ data: Readonly<Record<string, unknown>> }>;

function shown(uid: string): Output {
  return { data: { [MIME]: { primwidgets: 1, epoch: "e1", snapshot: jobFields(uid) } } };
}

/** An open notebook of one cell. */
function panelOf(outputs: Output[], id = "cell-1"): object {
  const list = {
    get length(): number {
      return outputs.length;
    },
    get: (index: number) => outputs[index],
    add: (output: Output) => outputs.push(output)
  };
  const model = { dirty: true, collaborative: false, cells: [{ type: "code", id, outputs: list }] };
  return { model, context: { path: "a.ipynb", ready: Promise.resolve() }, sessionContext: { kernel: "k1" } };
}

describe("the cards of a notebook that was not saved", () => {
  let hub: JobHub;
  let look: ReturnType<typeof vi.fn>;
  let made: LostOutputs[];

  beforeEach(() => {
    sessionStorage.clear();
    hub = new JobHub();
    look = vi.fn();
    made = [];
  });

  afterEach(() => {
    made.forEach(one => {
      one.dispose();
    });
  });

  async function load(...panels: object[]): Promise<void> {
    const tracker = {
      widgetAdded: new Signal({}),
      forEach: (call: (panel: object) => void) => {
        panels.forEach(call);
      }
    };
    const jobOf = (_: ISessionContext | null, { epoch, snapshot }: NamedJob): IHubJob | null =>
      hub.kernel("k1").ofProcess(snapshot.uid, epoch);
    const kernels = { hub, jobOf, look, contextChanged: new Signal({}) } as unknown as JobKernels;
    made.push(new LostOutputs(kernels, tracker as unknown as INotebookTracker, sessionStorage));
    await Promise.resolve();
  }

  /** What a page leaves when it is loaded again. */
  async function leave(outputs: Output[]): Promise<void> {
    await load(panelOf(outputs));
    window.dispatchEvent(new Event("pagehide"));
    made.splice(0).forEach(one => {
      one.dispose();
    });
  }

  function tell(epoch = "e1"): void {
    const jobs = [jobFields("u1", undefined, { progress: 0.75 })];
    hub.kernel("k1").receive(readHubMessage(news(1, { epoch, whole: true, jobs })) as HubMessage);
  }

  it("are under their cells again after a reload, as the hub knows the jobs now", async () => {
    await leave([shown("u1"), { data: { "text/plain": "x" } }]);
    const outputs: Output[] = [];
    await load(panelOf(outputs));
    expect(look).toHaveBeenCalledTimes(1);
    expect(outputs).toEqual([]);
    tell();
    tell();
    expect(outputs).toHaveLength(1);
    expect(outputs[0]).toMatchObject({
      output_type: "display_data",
      data: { [MIME]: { epoch: "e1", snapshot: { uid: "u1", progress: 0.75 } } }
    });
  });

  it("are not put where they are already, nor into another cell", async () => {
    await leave([shown("u1")]);
    const [saved, other]: [Output[], Output[]] = [[shown("u1")], []];
    await load(panelOf(saved), panelOf(other, "cell-2"));
    tell();
    expect([saved.length, other.length]).toEqual([1, 0]);
  });

  it("are not those of another process", async () => {
    await leave([shown("u1")]);
    const outputs: Output[] = [];
    await load(panelOf(outputs));
    tell("e2");
    expect(outputs).toEqual([]);
  });

  it.each(["{", "7", "[null, 7, {}]", '[{"path": "a.ipynb", "cell": 1}]'])("are none where %s was left", async left => {
    sessionStorage.setItem(KEY, left);
    const outputs: Output[] = [];
    await load(panelOf(outputs));
    tell();
    expect(outputs).toEqual([]);
    expect(look).not.toHaveBeenCalled();
  });

  it("are noted for one reload only", async () => {
    await leave([shown("u1")]);
    await load();
    expect(sessionStorage.getItem(KEY)).toBeNull();
  });
});
