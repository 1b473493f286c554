import "./dragEvent";

import type { ISessionContext } from "@jupyterlab/apputils";
import type { NotebookPanel } from "@jupyterlab/notebook";
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import { Signal } from "@lumino/signaling";
import { act } from "preact/test-utils";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { JobHub } from "../src/hub/jobHub";
import { reattachCode } from "../src/card/reattach";
import type { IHubJob } from "../src/hub/tokens";
import type { JobKernels } from "../src/lab/jobKernels";
import { JobOutput } from "../src/lab/outputs/jobOutput";
import { readHubMessage, type HubMessage } from "../src/wire/hubMessage";
import type { StoredJob } from "../src/wire/storedJob";
import { news, jobFields } from "./fakeKernel";
import { GOLDEN_NOW } from "./golden";
import { button, buttons, notes, press, turnTimeByHand, wait } from "./page";

const MIME = "application/vnd.primwidgets.job+json";
const GONE = "The kernel that ran this job has stopped. The card shows the last known state.";

/** What an output needs to know of the page. */
class FakeKernels {
  readonly hub = new JobHub();
  readonly contextChanged = new Signal<this, ISessionContext>(this);
  readonly look = vi.fn();

  jobOf(context: ISessionContext | null, { epoch, snapshot }: StoredJob): IHubJob | null {
    return context ? this.hub.kernel("k1").ofProcess(snapshot.uid, epoch) : null;
  }
}

/** The notebook that the output is in. */
class FakeNotebook {
  readonly content = {
    widgets: [] as { node: Node }[],
    activeCellIndex: 0,
    inserted: [] as unknown[],
    scrolled: [] as number[],
    model: { sharedModel: { insertCell: (...cell: unknown[]) => this.content.inserted.push(cell) } },
    scrollToItem: (index: number) => Promise.resolve(this.content.scrolled.push(index))
  };
}

function model(data: object): IRenderMime.IMimeModel {
  return { data } as unknown as IRenderMime.IMimeModel;
}

function stored(like?: string, change: object = {}): IRenderMime.IMimeModel {
  const snapshot = jobFields("u1", like, { message: null, locator: null, ...change });
  return model({ [MIME]: { primwidgets: 1, epoch: "e1", snapshot } });
}

turnTimeByHand();

describe("the output of a job", () => {
  let kernels: FakeKernels;
  let context: { isReady: boolean; session: { kernel: { id: string } } | null } | null;
  let notebook: FakeNotebook | null;
  let output: JobOutput;

  beforeEach(() => {
    kernels = new FakeKernels();
    context = { isReady: true, session: { kernel: { id: "k1" } } };
    notebook = new FakeNotebook();
    output = newOutput();
    return () => {
      output.dispose();
    };
  });

  function newOutput(): JobOutput {
    const made = new JobOutput({
      kernels: kernels as unknown as JobKernels,
      context: () => context as ISessionContext | null,
      notebook: () => notebook as unknown as NotebookPanel | null
    });
    document.body.append(made.node);
    return made;
  }

  function draw(what: IRenderMime.IMimeModel, into = output): HTMLElement {
    void act(() => {
      void into.renderModel(what);
    });
    return into.node;
  }

  function tell(sequence: number, change: object): void {
    void act(() => {
      kernels.hub.kernel("k1").receive(readHubMessage(news(sequence, change)) as HubMessage);
    });
  }

  function state(node = output.node): string | null | undefined {
    return node.querySelector(".primwidgets-JobCard-state")?.textContent;
  }

  it("is drawn at once from what is stored, without a claim that it runs", () => {
    const node = draw(stored());
    expect(state()).toBe("Running when last seen");
    expect(buttons(node)).toEqual([]);
    expect(notes(node)).toEqual([]);
  });

  it("says when the job was last seen, as it is stored, or as this page saw it", () => {
    const seen = (node = output.node): string | null | undefined =>
      node.querySelector(".primwidgets-JobCard-subtitle time")?.getAttribute("datetime");
    const job = { primwidgets: 1, epoch: "e1", seen_at: GOLDEN_NOW - 60, snapshot: jobFields("u1") };
    draw(model({ [MIME]: job }));
    expect(seen()).toBe(new Date((GOLDEN_NOW - 60) * 1000).toISOString());
    tell(1, { whole: true, jobs: [jobFields("u1")] });
    expect(seen()).toBeUndefined();
    wait(5);
    void act(() => {
      kernels.hub.kernel("k1").end();
    });
    expect(seen()).toBe(new Date((GOLDEN_NOW + 5) * 1000).toISOString());
  });

  it("takes over no job of another process, whatever its uid", () => {
    const node = draw(
      model({ [MIME]: { primwidgets: 1, epoch: "e9", snapshot: jobFields("u1", undefined, { locator: null }) } })
    );
    tell(1, { whole: true, jobs: [jobFields("u1", undefined, { progress: 0.75 })] });
    expect(state()).toBe("Running when last seen");
    expect(buttons(node)).toEqual([]);
  });

  it("has its kernel asked, and is live as soon as the hub tells of the job", () => {
    const node = draw(stored());
    expect(kernels.look.mock.calls).toEqual([[context]]);
    tell(1, { whole: true, jobs: [jobFields("u1", undefined, { progress: 0.75 })] });
    expect(state()).toBe("Running");
    expect(node.querySelector("[role=progressbar]")?.getAttribute("aria-valuenow")).toBe("75");
    expect(buttons(node)).toEqual(["Cancel"]);
  });

  it("cancels through the hub, and every view of the job shows it", () => {
    const link = { sendCommand: vi.fn(), sendHubCommand: vi.fn() };
    const other = newOutput();
    draw(stored());
    draw(stored(), other);
    kernels.hub.kernel("k1").link = link;
    tell(1, { whole: true, jobs: [jobFields("u1", undefined, { remote: false })] });
    press(output.node, "Cancel");
    expect(link.sendCommand.mock.calls).toEqual([["cancel", "u1"]]);
    expect([buttons(output.node), buttons(other.node)]).toEqual([["Cancelling…"], ["Cancelling…"]]);
    other.dispose();
  });

  it("says after a while that a kernel does not answer, and no longer once it does", () => {
    const node = draw(stored());
    wait(3);
    expect(notes(node)).toEqual(["The kernel does not respond. The card shows the last known state."]);
    tell(1, { whole: true, jobs: [jobFields("u1")] });
    expect(notes(node)).not.toContain("The kernel does not respond. The card shows the last known state.");
  });

  it("says that the kernel is gone as soon as another process answers", () => {
    const node = draw(stored());
    tell(1, { epoch: "e2", whole: true });
    expect(notes(node)).toEqual([GONE]);
    expect(state()).toBe("Running when last seen");
  });

  it("says that the kernel is gone where there is none", () => {
    context = { isReady: true, session: null };
    expect(notes(draw(stored()))).toEqual([GONE]);
  });

  it("waits for a document that is being opened", () => {
    context = null;
    const node = draw(stored());
    expect(notes(node)).toEqual([]);
    context = { isReady: false, session: { kernel: { id: "k1" } } };
    kernels.contextChanged.emit(context as unknown as ISessionContext);
    expect(kernels.look.mock.calls).toEqual([[context]]);
    wait(3);
    expect(notes(node)).toEqual(["The kernel does not respond. The card shows the last known state."]);
  });

  it("tells where to find the job again if it has a locator", () => {
    context = { isReady: true, session: null };
    const node = draw(stored(undefined, { locator: { service: "somewhere" } }));
    expect(notes(node)).toEqual([
      "The kernel that started this job has stopped. The job may still be running: see “Find it again” in the details."
    ]);
    press(node, "Details");
    expect(node.textContent).toContain("somewhere");
  });

  describe("of a job that can be found again", () => {
    const FIND = { locator: { provider: "qiskit_ibm_runtime", job_id: "a-1" } };
    const CODE = reattachCode(FIND);

    it("has no button for code of the file's own", () => {
      context = { isReady: true, session: null };
      const node = draw(stored(undefined, { locator: { import: "import os", job: "os.system('true')" } }));
      expect(buttons(node)).toEqual([]);
    });

    it("has a button for it as soon as the kernel is gone, and no sooner", () => {
      const node = draw(stored(undefined, FIND));
      expect(buttons(node)).toEqual([]);
      tell(1, { epoch: "e2", whole: true });
      expect(buttons(node)).toEqual(["Find it again"]);
    });

    it("puts the code below the cell of the output", () => {
      context = { isReady: true, session: null };
      const node = draw(stored(undefined, FIND));
      notebook?.content.widgets.push({ node: document.createElement("div") }, { node });
      press(node, "Find it again");
      expect(notebook?.content.inserted).toEqual([[2, { cell_type: "code", source: CODE }]]);
      expect(notebook?.content.activeCellIndex).toBe(2);
      expect(notebook?.content.scrolled).toEqual([2]);
    });

    it("puts it below the selected cell from a view that is in no cell", () => {
      context = { isReady: true, session: null };
      press(draw(stored(undefined, FIND)), "Find it again");
      expect(notebook?.content.inserted).toEqual([[1, { cell_type: "code", source: CODE }]]);
    });

    it("has no button where there is no notebook to put the code into", () => {
      context = { isReady: true, session: null };
      notebook = null;
      expect(buttons(draw(stored(undefined, FIND)))).toEqual([]);
    });

    it("has no button once the job has ended", () => {
      context = { isReady: true, session: null };
      expect(buttons(draw(stored("done, the picture is a download away", FIND)))).toEqual([]);
    });
  });

  it("gives a hub a moment to tell of a job of its own, then says that the job is not tracked", () => {
    const node = draw(stored());
    tell(1, { whole: true });
    expect(notes(node)).toEqual([]);
    wait(3);
    expect(notes(node)).toEqual(["The kernel no longer tracks this job. The card shows the last known state."]);
  });

  it("keeps the last news of a job that the kernel lets go of, and the fold as it is", () => {
    const node = draw(stored());
    tell(1, { whole: true, jobs: [jobFields("u1", undefined, { progress: 0.75 })] });
    press(node, "Details");
    wait(3);
    tell(2, { removed: ["u1"] });
    expect(node.querySelector("[role=progressbar]")?.getAttribute("aria-valuenow")).toBe("75");
    expect(node.querySelector("[aria-expanded]")?.getAttribute("aria-expanded")).toBe("true");
  });

  it("keeps a fold open that was opened before the hub knew the job", () => {
    const node = draw(stored());
    press(node, "Details");
    tell(1, { whole: true, jobs: [jobFields("u1")] });
    expect(node.querySelector("[aria-expanded]")?.getAttribute("aria-expanded")).toBe("true");
  });

  it("keeps the focus, and the button that is under the pointer, when the hub tells of the job", () => {
    const details = button(draw(stored()), "Details");
    details.focus();
    tell(1, { whole: true, jobs: [jobFields("u1", undefined, { message: "Hello" })] });
    expect(button(output.node, "Details")).toBe(details);
    expect(document.activeElement).toBe(details);
  });

  it("keeps the fold of a job whose kernel was taken for gone by mistake", () => {
    const node = draw(stored());
    tell(1, { whole: true, jobs: [jobFields("u1")] });
    press(node, "Details");
    void act(() => {
      kernels.hub.kernel("k1").end();
    });
    tell(2, { whole: true, jobs: [jobFields("u1")] });
    expect(node.querySelector("[aria-expanded]")?.getAttribute("aria-expanded")).toBe("true");
    expect(kernels.hub.jobs.map(job => job.connection)).toEqual(["live"]);
    tell(3, { removed: ["u1"] });
    expect(kernels.hub.jobs).toEqual([]);
  });

  it("keeps a question open through news, and does not ask it again once it is pointless", () => {
    const node = draw(stored());
    tell(1, { whole: true, jobs: [jobFields("u1", undefined, { remote: true })] });
    press(node, "Cancel");
    tell(2, { jobs: [{ uid: "u1", progress: 0.8 }] });
    expect(buttons(node)).toEqual(["Cancel job", "Keep running"]);
    expect(document.activeElement?.textContent).toBe("Keep running");
    tell(3, { jobs: [{ uid: "u1", cancel_state: "REQUESTED" }] });
    tell(4, { jobs: [{ uid: "u1", cancel_state: "REFUSED" }] });
    expect(buttons(node)).toEqual(["Stop waiting", "Cancel"]);
  });

  it("does not ask about one job what was begun to be asked about another one in its place", () => {
    const node = draw(stored());
    tell(1, { whole: true, jobs: ["u1", "u2"].map(uid => jobFields(uid, undefined, { remote: true })) });
    press(node, "Cancel");
    draw(model({ [MIME]: { primwidgets: 1, epoch: "e1", snapshot: jobFields("u2") } }));
    expect(buttons(node)).toEqual(["Cancel"]);
  });

  it("shows a final job without a kernel as it ended, and offers nothing that needs one", () => {
    context = { isReady: true, session: null };
    const node = draw(stored("done, the picture is a download away"));
    expect(state()).toBe("Done");
    expect([notes(node), buttons(node)]).toEqual([[], []]);
  });

  it("does not count the time of a job without news", () => {
    const node = draw(stored());
    const before = node.textContent;
    wait(2);
    expect(node.textContent).toBe(before);
  });

  it.each([
    ["another version", { primwidgets: 2, epoch: "e1", snapshot: {} }],
    ["something broken", { primwidgets: 1, epoch: "e1", snapshot: { uid: "u1", state: "?" } }],
    ["no job", "text"]
  ])("shows the stored text of %s as text", (_, job) => {
    const node = draw(model({ [MIME]: job, "text/plain": ["<img src=x>", " · DONE"] }));
    expect(node.textContent).toBe("<img src=x> · DONE");
    expect(node.querySelector("img")).toBeNull();
  });

  it("leaves nothing behind", () => {
    draw(stored());
    output.dispose();
    expect(output.node.childNodes.length).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
    tell(1, { whole: true, jobs: [jobFields("u1")] });
    kernels.contextChanged.emit(context as unknown as ISessionContext);
    expect(output.node.childNodes.length).toBe(0);
    expect(kernels.look).toHaveBeenCalledTimes(1);
  });
});
