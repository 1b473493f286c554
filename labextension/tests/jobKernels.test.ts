import type { ServiceManager } from "@jupyterlab/services";
import { Signal } from "@lumino/signaling";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { JobHub } from "../src/hub/jobHub";
import { JobKernels } from "../src/lab/jobKernels";
import type { StoredJob } from "../src/wire/storedJob";
import { FakeConnection, news, jobFields } from "./fakeKernel";
import { FakeContext, FakeServices, model } from "./fakeServices";
import { GOLDEN_NOW, golden } from "./golden";

describe("the kernels of this page", () => {
  let services: FakeServices;
  let hub: JobHub;
  let kernels: JobKernels;
  let notebook: FakeContext;
  let kernel: FakeConnection;

  beforeEach(() => {
    vi.useFakeTimers({ now: GOLDEN_NOW * 1000 });
    services = new FakeServices();
    hub = new JobHub();
    kernels = new JobKernels(hub, services as unknown as ServiceManager.IManager);
    notebook = new FakeContext();
    kernel = new FakeConnection("k1");
  });

  afterEach(() => {
    kernels.dispose();
    vi.useRealTimers();
  });

  /** A connection finds a hub with one job. */
  async function join(connection: FakeConnection | undefined, uid = "u1"): Promise<void> {
    connection?.tellInfo("ipython");
    await vi.advanceTimersByTimeAsync(1000);
    connection?.answer("c1");
    connection?.tell(news(1, { whole: true, jobs: [jobFields(uid)] }));
  }

  it("follows the kernel of a notebook, and knows what it belongs to", async () => {
    notebook.session = { kernel };
    kernels.follow(notebook.context);
    await join(kernel);
    expect(hub.kernels).toMatchObject([{ id: "k1", type: "notebook", path: "a.ipynb", connection: "live" }]);
    notebook.path = "b.ipynb";
    notebook.propertyChanged.emit("path");
    expect(hub.kernels[0]?.path).toBe("b.ipynb");
  });

  describe("asked for the job of a stored output", () => {
    const stored = (epoch: string, uid = "u1"): StoredJob => ({
      epoch,
      seenAt: null,
      snapshot: golden("running with progress", { uid })
    });

    beforeEach(async () => {
      notebook.session = { kernel };
      kernels.follow(notebook.context);
      await join(kernel);
    });

    it("give it where the process and the kernel of the document are those of the job", () => {
      expect(kernels.jobOf(notebook.context, stored("e1"))?.key).toBe("k1/u1");
      expect(kernels.jobOf(notebook.context, stored("e1", "u2"))).toBeNull();
    });

    it("give none to an output that names another process, is in another document, or in none", () => {
      const other = new FakeContext();
      other.session = { kernel: new FakeConnection("k2") };
      kernels.follow(other.context);
      expect(kernels.jobOf(notebook.context, stored("e2"))).toBeNull();
      expect(kernels.jobOf(other.context, stored("e1"))).toBeNull();
      expect(kernels.jobOf(null, stored("e1"))).toBeNull();
    });

    it("give it when its process has ended, and when the document has another kernel by now", () => {
      hub.kernel("k1").end();
      expect(kernels.jobOf(notebook.context, stored("e1"))?.connection).toBe("gone");
      notebook.connect(new FakeConnection("k2"));
      expect(kernels.jobOf(notebook.context, stored("e1"))?.connection).toBe("gone");
    });
  });

  it("follows the kernel that a notebook gets later", async () => {
    const listener = vi.fn();
    kernels.follow(notebook.context);
    kernels.contextChanged.connect(listener);
    notebook.connect(kernel);
    expect(listener).toHaveBeenCalledTimes(1);
    await join(kernel);
    expect(hub.jobs.map(job => job.key)).toEqual(["k1/u1"]);
  });

  it("has a busy kernel asked on demand", () => {
    kernel.status = "busy";
    notebook.session = { kernel };
    kernels.look(notebook.context);
    expect(kernel.asked).toEqual(["comm_info_request"]);
  });

  it("asks a kernel once that a cell keeps busy when this page meets it", async () => {
    kernel.status = "unknown";
    notebook.session = { kernel };
    kernels.follow(notebook.context);
    kernels.followOthers();
    services.run({ ...model("k1"), execution_state: "busy" });
    await vi.advanceTimersByTimeAsync(2000);
    expect(kernel.asked).toEqual(["comm_info_request"]);
    kernel.answer(null);
    services.run({ ...model("k1", "python3", "2"), execution_state: "busy" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(kernel.asked).toEqual(["comm_info_request"]);
  });

  it.each([
    ["idle", model("k1")],
    ["busy with another language", { ...model("k1", "ir"), execution_state: "busy" }]
  ])("waits for what the kernel of a notebook says of itself while it is %s", async (_, running) => {
    notebook.session = { kernel };
    kernels.follow(notebook.context);
    kernels.followOthers();
    services.run(running);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(kernel.asked).toEqual([]);
  });

  it("asks one kernel over one connection, however many documents use it", async () => {
    const view = new FakeContext();
    notebook.session = { kernel };
    view.session = { kernel: new FakeConnection("k1") };
    kernels.follow(notebook.context);
    kernels.follow(view.context);
    await join(kernel);
    expect(view.session.kernel?.sent).toEqual([]);
  });

  it("takes a connection of its own to kernels without a document, and gives up those without jobs", async () => {
    kernels.followOthers();
    services.run(model("k1"), model("k2"), model("k3", "ir"));
    await vi.advanceTimersByTimeAsync(2000);
    expect(services.made.map(made => made.id)).toEqual(["k1", "k2"]);
    await join(services.made[0]);
    services.made[1]?.answer(null);
    expect(services.made.map(made => made.isDisposed)).toEqual([false, true]);
    services.run(model("k1"), model("k2"));
    await vi.advanceTimersByTimeAsync(2000);
    expect(services.made.length).toBe(2);
    services.run(model("k1"), model("k2", "python3", "2"));
    await vi.advanceTimersByTimeAsync(2000);
    expect(services.made.map(made => made.id)).toEqual(["k1", "k2", "k2"]);
  });

  it("takes no connection to a kernel that has ended since the server was last asked", async () => {
    kernels.followOthers();
    services.kernels.refreshRunning.mockImplementation(() => {
      services.run(model("k2"));
      return Promise.resolve();
    });
    services.run(model("k1"), model("k2"));
    await vi.advanceTimersByTimeAsync(2000);
    expect(services.made.map(made => made.id)).toEqual(["k2"]);
  });

  it("asks the server no more often than it does itself, though a kernel without jobs is active all the time", async () => {
    let activity = 0;
    const next = (): Promise<void> => {
      services.run(model("k1", "python3", String((activity += 1))));
      return Promise.resolve();
    };
    services.kernels.refreshRunning.mockImplementation(next);
    kernels.followOthers();
    await next();
    await vi.advanceTimersByTimeAsync(2000);
    services.made[0]?.answer(null);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(services.made[0]?.isDisposed).toBe(true);
    expect(services.kernels.refreshRunning).toHaveBeenCalledTimes(1);
  });

  it("connects to a kernel also where the server gives no new list", async () => {
    services.kernels.refreshRunning.mockRejectedValue(new Error("offline"));
    kernels.followOthers();
    services.run(model("k1"));
    await vi.advanceTimersByTimeAsync(2000);
    expect(services.made.map(made => made.id)).toEqual(["k1"]);
  });

  it("keeps its own connection while a job is listed, and lets go when the last one is cleared", async () => {
    kernels.followOthers();
    services.run(model("k1"));
    await vi.advanceTimersByTimeAsync(2000);
    const [own] = services.made;
    await join(own);
    own?.tell(news(2, { jobs: [{ uid: "u1", state: "DONE" }] }));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(own?.isDisposed).toBe(false);
    hub.clearFinished();
    expect(own?.asked.at(-1)).toBe("clear_finished");
    own?.tell(news(3, { removed: ["u1"] }));
    expect(own?.isDisposed).toBe(true);
    services.run(model("k1"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(services.made.length).toBe(1);
  });

  it("lets go of its own connection to a kernel that was restarted, and goes on listing what ran there", async () => {
    kernels.followOthers();
    services.run(model("k1"));
    await vi.advanceTimersByTimeAsync(2000);
    const [own] = services.made;
    await join(own);
    own?.setStatus("restarting");
    expect(own?.isDisposed).toBe(false);
    own?.setStatus("idle");
    await vi.advanceTimersByTimeAsync(1000);
    own?.answer(null);
    expect(own?.isDisposed).toBe(true);
    expect(hub.jobs.map(job => job.connection)).toEqual(["gone"]);
  });

  it("lets go of its own connection to a kernel that speaks another version", async () => {
    kernels.followOthers();
    services.run(model("k1"));
    await vi.advanceTimersByTimeAsync(2000);
    const [own] = services.made;
    own?.answer("c1");
    own?.tell({ primwidgets: 2 });
    expect(own?.isDisposed).toBe(true);
    expect(hub.kernels).toMatchObject([{ versionProblem: true }]);
  });

  it("lets go of its own connection when the kernel has ended", async () => {
    kernels.followOthers();
    services.run(model("k1"));
    await vi.advanceTimersByTimeAsync(2000);
    const [own] = services.made;
    await join(own);
    own?.setStatus("dead");
    own?.dispose();
    services.run();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(hub.jobs.map(job => job.connection)).toEqual(["gone"]);
    expect(services.made.length).toBe(1);
  });

  it("hands a kernel over to the notebook that is opened on it", async () => {
    kernels.followOthers();
    services.run(model("k1"));
    await vi.advanceTimersByTimeAsync(2000);
    await join(services.made[0]);
    notebook.session = { kernel };
    kernels.follow(notebook.context);
    expect(services.made[0]?.isDisposed).toBe(true);
    await join(kernel);
    expect(hub.jobs.map(job => job.connection)).toEqual(["live"]);
  });

  it("goes on with a kernel whose notebook is closed", async () => {
    kernels.followOthers();
    services.run(model("k1"));
    notebook.session = { kernel };
    kernels.follow(notebook.context);
    await join(kernel);
    kernel.dispose();
    notebook.session = null;
    notebook.disposed.emit();
    expect(hub.jobs.map(job => job.connection)).toEqual(["lost"]);
    expect(services.kernels.refreshRunning).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(2000);
    await join(services.made[0]);
    expect(hub.jobs.map(job => job.connection)).toEqual(["live"]);
  });

  it("takes the jobs of a kernel for gone when it runs no more", async () => {
    services.run(model("k1"));
    notebook.session = { kernel };
    kernels.follow(notebook.context);
    await join(kernel);
    kernel.dispose();
    services.run();
    expect(hub.jobs.map(job => job.connection)).toEqual(["gone"]);
  });

  it("names the documents of kernels that are not open here", async () => {
    kernels.followOthers();
    services.sessions.list = [{ kernel: { id: "k1" }, type: "notebook", path: "far/c.ipynb", name: "c.ipynb" }];
    services.run(model("k1"));
    await vi.advanceTimersByTimeAsync(2000);
    await join(services.made[0]);
    expect(hub.kernels[0]?.path).toBe("far/c.ipynb");
  });

  it("leaves no connection, timer or listener behind", async () => {
    const cleared = vi.spyOn(Signal, "clearData");
    kernels.followOthers();
    services.run(model("k2"));
    await vi.advanceTimersByTimeAsync(2000);
    notebook.session = { kernel };
    kernels.follow(notebook.context);
    kernels.dispose();
    expect(cleared).toHaveBeenCalledWith(kernels);
    expect([kernel.isDisposed, services.made[0]?.isDisposed]).toEqual([false, true]);
    expect(vi.getTimerCount()).toBe(0);
    kernel.tellInfo("ipython");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(kernel.sent).toEqual([]);
  });
});
