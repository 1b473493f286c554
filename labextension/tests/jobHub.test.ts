import { beforeEach, describe, expect, it, vi } from "vitest";

import { readHubMessage, type HubMessage } from "../src/wire/hubMessage";
import { readSnapshot } from "../src/wire/snapshot";
import { JobHub } from "../src/hub/jobHub";
import { news, jobFields } from "./fakeKernel";

function message(sequence: number, change: object): HubMessage {
  return readHubMessage(news(sequence, change)) as HubMessage;
}

describe("the hub of this page", () => {
  const link = { sendCommand: vi.fn(), sendHubCommand: vi.fn() };
  const changes = vi.fn();
  let hub: JobHub;

  beforeEach(() => {
    vi.clearAllMocks();
    hub = new JobHub();
    hub.kernel("k1").link = link;
    hub.kernel("k1").receive(message(1, { whole: true, jobs: [jobFields("u1"), jobFields("u2", "done with counts")] }));
    hub.changed.connect(changes);
  });

  it("lists the jobs of all kernels", () => {
    hub.kernel("k2").receive(message(1, { whole: true, jobs: [jobFields("u9")] }));
    expect(hub.jobs.map(job => job.key)).toEqual(["k1/u1", "k1/u2", "k2/u9"]);
    expect(hub.kernels.map(kernel => kernel.id)).toEqual(["k1", "k2"]);
  });

  it("finds a job by its key and by its uid", () => {
    expect(hub.get("k1/u2")?.snapshot.state).toBe("DONE");
    expect(hub.find("u2")).toBe(hub.get("k1/u2"));
    expect([hub.get("u2"), hub.find("u3")]).toEqual([null, null]);
  });

  it("merges what changed, in another object", () => {
    const before = hub.find("u1");
    hub.kernel("k1").receive(message(2, { jobs: [{ uid: "u1", progress: 0.75 }] }));
    expect(before?.snapshot.progress).not.toBe(0.75);
    expect(hub.find("u1")?.snapshot).toEqual({ ...before?.snapshot, progress: 0.75 });
    expect(hub.find("u1")?.actions).toBe(before?.actions);
  });

  it("keeps the object and the list of what did not change", () => {
    const [job, jobs] = [hub.find("u2"), hub.jobs];
    expect(hub.jobs).toBe(jobs);
    hub.kernel("k1").receive(message(2, { jobs: [{ uid: "u1", progress: 0.75 }] }));
    expect(hub.jobs).not.toBe(jobs);
    expect(hub.find("u2")).toBe(job);
  });

  it("tells of each message once", () => {
    hub.kernel("k1").receive(message(2, { jobs: [jobFields("u3"), jobFields("u4")], removed: ["u1"] }));
    expect(changes).toHaveBeenCalledTimes(1);
    expect(hub.jobs.map(job => job.snapshot.uid)).toEqual(["u2", "u3", "u4"]);
  });

  const lastChange = (): unknown => changes.mock.lastCall?.[1];

  it("tells which jobs have changed, and which are no more", () => {
    hub.kernel("k1").receive(message(2, { jobs: [jobFields("u3"), { uid: "u1", progress: 0.75 }], removed: ["u2"] }));
    expect(lastChange()).toEqual({ jobs: [hub.get("k1/u3"), hub.get("k1/u1")], removed: ["k1/u2"] });
    hub.kernel("k1").receive(message(3, { jobs: [{ uid: "u3", progress: 0.5 }] }));
    expect(lastChange()).toEqual({ jobs: [hub.get("k1/u3")], removed: [] });
  });

  it("tells of the jobs that a whole state leaves out or brings back", () => {
    hub.kernel("k1").receive(message(2, { whole: true, jobs: [jobFields("u2")] }));
    expect(lastChange()).toMatchObject({ removed: ["k1/u1"] });
    hub.kernel("k1").receive(message(3, { removed: ["u2"] }));
    hub.kernel("k1").receive(message(4, { jobs: [jobFields("u2")] }));
    expect(lastChange()).toEqual({ jobs: [hub.get("k1/u2")], removed: [] });
  });

  it("tells of all jobs whose connection has changed", () => {
    hub.kernel("k1").lose();
    expect(lastChange()).toEqual({ jobs: hub.jobs, removed: [] });
    hub.kernel("k1").end();
    expect(lastChange()).toEqual({ jobs: hub.jobs, removed: [] });
    hub.clearFinished();
    expect(lastChange()).toEqual({ jobs: [], removed: ["k1/u1", "k1/u2"] });
  });

  it("tells of what the page itself does with a job", () => {
    hub.get("k1/u1")?.actions.setOpen(true);
    expect(lastChange()).toEqual({ jobs: [hub.get("k1/u1")], removed: [] });
  });

  it.each(["cell_id", "log", "locator", "remote", "metadata"])(
    "lists the jobs of an older kernel, which knows nothing of %s",
    field => {
      const old = Object.fromEntries(Object.entries(jobFields("u3")).filter(([name]) => name !== field));
      const understood = hub.kernel("k1").receive(message(2, { whole: true, jobs: [old] }));
      expect(understood).toBe(true);
      expect(hub.find("u3")?.snapshot).toEqual(readSnapshot(old));
    }
  );

  it("lists the jobs of a newer kernel, without what only that knows", () => {
    const understood = hub.kernel("k1").receive(message(2, { jobs: [jobFields("u3", undefined, { mood: "good" })] }));
    expect(understood).toBe(true);
    expect(hub.find("u3")?.snapshot).toEqual(jobFields("u3"));
  });

  it("forgets what a whole state does not hold", () => {
    hub.kernel("k1").receive(message(2, { whole: true, jobs: [jobFields("u2")] }));
    expect(hub.jobs.map(job => job.snapshot.uid)).toEqual(["u2"]);
  });

  it("says that it needs the whole where a change is of an unknown job or makes no sense", () => {
    expect(hub.kernel("k1").receive(message(2, { jobs: [{ uid: "new", progress: 0.5 }] }))).toBe(false);
    expect(hub.kernel("k1").receive(message(3, { jobs: [{ uid: "u1", state: "LOST" }] }))).toBe(false);
    expect(hub.find("new")).toBeNull();
    expect(hub.find("u1")?.snapshot.state).toBe("RUNNING");
  });

  it("marks jobs as gone when their kernel ends, and as lost while the connection is broken", () => {
    hub.kernel("k1").lose();
    expect(hub.jobs.map(job => job.connection)).toEqual(["lost", "lost"]);
    hub.kernel("k1").receive(message(7, { whole: true, jobs: [jobFields("u1"), jobFields("u2")] }));
    expect(hub.jobs.map(job => job.connection)).toEqual(["live", "live"]);
    hub.kernel("k1").end();
    expect(hub.jobs.map(job => job.connection)).toEqual(["gone", "gone"]);
    expect(hub.kernels.map(kernel => kernel.connection)).toEqual(["gone"]);
  });

  it("keeps the jobs of a process that was replaced unnoticed, as gone", () => {
    hub.kernel("k1").receive(message(1, { epoch: "e2", whole: true, jobs: [jobFields("u7")] }));
    expect(hub.jobs.map(job => [job.snapshot.uid, job.connection])).toEqual([
      ["u1", "gone"],
      ["u2", "gone"],
      ["u7", "live"]
    ]);
  });

  it("sends a cancel to the kernel and shows that it is under way", () => {
    hub.find("u1")?.actions.cancel();
    expect(link.sendCommand.mock.calls).toEqual([["cancel", "u1"]]);
    expect(hub.find("u1")?.ui.sent.cancel?.channel).toBe("control");
    expect(changes).toHaveBeenCalledTimes(1);
  });

  it.each(["lose", "end"] as const)("sends nothing to a kernel after %s", verb => {
    const actions = hub.find("u1")?.actions;
    hub.kernel("k1")[verb]();
    actions?.cancel();
    actions?.stopWaiting();
    actions?.showResult();
    expect(link.sendCommand).not.toHaveBeenCalled();
    actions?.setOpen(true);
    expect(hub.find("u1")?.ui.open).toBe(true);
  });

  it("cancels all jobs that can be cancelled, and tells of it once", () => {
    hub
      .kernel("k1")
      .receive(message(2, { jobs: [jobFields("u3"), jobFields("u4", undefined, { can_cancel: false })] }));
    changes.mockClear();
    hub.cancelAll();
    expect(link.sendCommand.mock.calls).toEqual([
      ["cancel", "u1"],
      ["cancel", "u3"]
    ]);
    expect(changes).toHaveBeenCalledTimes(1);
  });

  it("cancels only the jobs that are named", () => {
    hub.kernel("k1").receive(message(2, { jobs: [jobFields("u3")] }));
    hub.cancelAll(["k1/u3", "k1/u2", "k9/u1"]);
    expect(link.sendCommand.mock.calls).toEqual([["cancel", "u3"]]);
  });

  it("has the kernels forget what is finished, and forgets what is gone", () => {
    hub.kernel("k2").receive(message(1, { whole: true, jobs: [jobFields("u9")] }));
    hub.kernel("k2").end();
    hub.clearFinished();
    expect(link.sendHubCommand.mock.calls).toEqual([["clear_finished"]]);
    expect(hub.jobs.map(job => job.key)).toEqual(["k1/u1", "k1/u2"]);
    expect(hub.kernels.map(kernel => kernel.id)).toEqual(["k1"]);
  });

  it("names what a kernel belongs to, as it was called last", () => {
    hub.kernel("k1").move({ type: "notebook", path: "a/b.ipynb", name: "b.ipynb" });
    hub.kernel("k1").move({ type: "notebook", path: "a/b.ipynb", name: "b.ipynb" });
    expect(changes).toHaveBeenCalledTimes(1);
    expect(hub.kernels[0]).toMatchObject({ path: "a/b.ipynb", type: "notebook", connection: "live" });
  });
});
