import { Signal } from "@lumino/signaling";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { HubClient } from "../src/hub/hubClient";
import { JobHub } from "../src/hub/jobHub";
import { FakeConnection, news, jobFields } from "./fakeKernel";
import { GOLDEN_NOW } from "./golden";

describe("the client of a hub", () => {
  let hub: JobHub;
  let kernel: FakeConnection;
  let client: HubClient;

  beforeEach(() => {
    vi.useFakeTimers({ now: GOLDEN_NOW * 1000 });
    hub = new JobHub();
    kernel = new FakeConnection();
    client = new HubClient(kernel.connection, hub.kernel("k1"));
  });

  afterEach(() => {
    client.dispose();
    vi.useRealTimers();
  });

  async function meet(implementation = "ipython"): Promise<void> {
    kernel.tellInfo(implementation);
    await vi.advanceTimersByTimeAsync(0);
  }

  /** Until the whole state is here. */
  async function join(...jobs: object[]): Promise<void> {
    await meet();
    kernel.answer("c1");
    kernel.tell(news(1, { whole: true, jobs }));
  }

  it("asks an idle kernel for its hub on the control channel, and the hub for all jobs", async () => {
    await meet();
    expect(kernel.sent).toMatchObject([
      { header: { msg_type: "comm_info_request" }, channel: "control", content: { target_name: "primwidgets.hub" } }
    ]);
    kernel.answer("c1");
    expect(kernel.sent[1]).toMatchObject({ channel: "control", content: { data: { primwidgets: 1, verb: "sync" } } });
    kernel.tell(news(1, { whole: true, jobs: [jobFields("u1")] }));
    expect(hub.jobs.map(job => [job.key, job.connection])).toEqual([["k1/u1", "live"]]);
  });

  it("sends an unanswered cancel once more, for the time after the running cell", async () => {
    await join(jobFields("u1"));
    hub.jobs[0]?.actions.cancel();
    await vi.advanceTimersByTimeAsync(60_000);
    const cancels = kernel.sent.filter(({ content }) => "data" in content).slice(1);
    expect(cancels.map(({ channel }) => channel)).toEqual(["control", "shell"]);
    expect(cancels.map(({ content }) => content["data"])).toEqual(
      Array(2).fill({ primwidgets: 1, verb: "cancel", uid: "u1" })
    );
    expect(hub.jobs[0]?.ui.sent.cancel).toMatchObject({ channel: "comm", again: true });
  });

  it("sends nothing but the question to a kernel without a hub", async () => {
    await meet();
    kernel.answer(null);
    client.sendHubCommand("clear_finished");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(kernel.asked).toEqual(["comm_info_request"]);
    expect(hub.kernel("k1").answered).toBe(true);
    expect(hub.kernels).toEqual([]);
  });

  it("sends nothing at all to a kernel of another kind", async () => {
    await meet("IRkernel");
    kernel.setStatus("busy");
    kernel.setStatus("idle");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(kernel.sent).toEqual([]);
  });

  it("does not ask while a cell runs, and asks again after it, once a second at most", async () => {
    kernel.status = "busy";
    await meet();
    expect(kernel.asked).toEqual([]);
    for (let cell = 0; cell < 9; cell++) {
      kernel.setStatus("busy");
      kernel.setStatus("idle");
      await vi.advanceTimersByTimeAsync(100);
      kernel.answer(null);
    }
    expect(kernel.asked.length).toBe(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(kernel.asked.length).toBe(2);
  });

  it("meets a hub that makes itself known while a cell runs, and asks it for all jobs", async () => {
    await meet();
    kernel.answer(null);
    kernel.setStatus("busy");
    kernel.tell(news(0), "c7");
    expect(hub.kernel("k1").answered).toBe(false);
    expect(kernel.asked).toEqual(["comm_info_request", "sync"]);
    kernel.tell(news(1, { whole: true, jobs: [jobFields("u1")] }), "c7");
    expect(hub.jobs.map(job => job.connection)).toEqual(["live"]);
    kernel.setStatus("idle");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(kernel.asked).toEqual(["comm_info_request", "sync"]);
  });

  it("meets a hub by its messages to other pages, also before the kernel has answered", async () => {
    kernel.status = "busy";
    kernel.tell(news(40, { jobs: [{ uid: "u1", progress: 0.5 }] }), "c7");
    expect(kernel.asked).toEqual(["sync"]);
    await vi.advanceTimersByTimeAsync(100);
    const [express] = kernel.clones;
    express?.setConnectionStatus("connected");
    await vi.advanceTimersByTimeAsync(400);
    expect(express?.asked).toEqual(["sync"]);
  });

  it("drops a question of which the hub knew nothing yet when the hub makes itself known", async () => {
    await meet();
    kernel.setStatus("busy");
    kernel.tell(news(0), "c7");
    kernel.answer(null);
    kernel.tell(news(1, { whole: true, jobs: [jobFields("u1")] }), "c7");
    expect(hub.jobs.length).toBe(1);
  });

  it("takes no comm for the hub that tells of something else, nor one of a process that ends", async () => {
    await meet();
    kernel.answer(null);
    kernel.tell({ method: "update", state: { progress: 1 } }, "c7");
    kernel.setStatus("restarting");
    kernel.tell(news(41), "c7");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(kernel.asked).toEqual(["comm_info_request"]);
  });

  it("asks at once, also while a cell runs, where an output holds a job", async () => {
    kernel.status = "busy";
    await meet();
    client.look();
    expect(kernel.asked).toEqual(["comm_info_request"]);
    client.look();
    expect(kernel.asked.length).toBe(1);
    expect(kernel.clones).toEqual([]);
  });

  it("takes a way of its own to a kernel that does not tell about itself, until it does", async () => {
    kernel.status = "busy";
    client.look();
    await vi.advanceTimersByTimeAsync(99);
    expect(kernel.clones).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    const [express] = kernel.clones;
    express?.setConnectionStatus("connected");
    expect(express?.asked).toEqual(["comm_info_request"]);
    express?.answer("c1");
    expect(express?.asked).toEqual(["comm_info_request", "sync"]);
    kernel.tell(news(1, { whole: true, jobs: [jobFields("u1")] }));
    hub.find("u1")?.actions.cancel();
    expect(express?.asked.at(-1)).toBe("cancel");
    await meet();
    expect(express?.isDisposed).toBe(true);
    client.sendCommand("stop_waiting", "u1");
    expect(kernel.asked.at(-1)).toBe("stop_waiting");
  });

  it("asks for the whole again when a message is missing, and goes on from there", async () => {
    await join(jobFields("u1"));
    kernel.tell(news(3, { jobs: [{ uid: "u1", progress: 0.9 }] }));
    expect(kernel.asked.at(-1)).toBe("sync");
    expect(hub.find("u1")?.snapshot.progress).not.toBe(0.9);
    kernel.tell(news(4, { whole: true, jobs: [jobFields("u1", undefined, { progress: 0.95 })] }));
    kernel.tell(news(5, { jobs: [{ uid: "u1", progress: 1 }] }));
    expect(hub.find("u1")?.snapshot.progress).toBe(1);
    expect(kernel.asked.filter(what => what === "sync").length).toBe(2);
  });

  it("asks for the whole again when another process answers", async () => {
    await join(jobFields("u1"));
    kernel.tell(news(2, { epoch: "e2" }));
    expect(kernel.asked.filter(what => what === "sync").length).toBe(2);
  });

  it("asks for the whole until it is here", async () => {
    await meet();
    kernel.answer("c1");
    await vi.advanceTimersByTimeAsync(500 + 1000 + 2000);
    expect(kernel.asked.filter(what => what === "sync").length).toBe(4);
    kernel.tell(news(9, { whole: true }));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(kernel.asked.filter(what => what === "sync").length).toBe(4);
  });

  it("does not ask for ever for what it does not understand", async () => {
    await join({ uid: "u1" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(kernel.asked).toEqual(["comm_info_request", "sync"]);
  });

  it("ignores what is not of the hub", async () => {
    await join(jobFields("u1"));
    kernel.tell(news(2, { removed: ["u1"] }), "another comm");
    kernel.tell("hello");
    expect(hub.jobs.length).toBe(1);
  });

  it("says that a kernel speaks another version, and leaves it at that", async () => {
    await meet();
    kernel.answer("c1");
    kernel.tell({ primwidgets: 2, anything: true });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(hub.kernels).toMatchObject([{ id: "k1", versionProblem: true }]);
    expect(kernel.asked).toEqual(["comm_info_request", "sync"]);
  });

  it.each(["restarting", "autorestarting", "dead"] as const)(
    "takes the jobs for gone when the kernel is %s",
    async status => {
      await join(jobFields("u1"));
      kernel.setStatus(status);
      expect(hub.jobs.map(job => job.connection)).toEqual(["gone"]);
      kernel.tell(news(2, { removed: ["u1"] }));
      expect(hub.jobs.length).toBe(1);
    }
  );

  it("finds the hub of the process that comes after a restart", async () => {
    await join(jobFields("u1"));
    kernel.setStatus("restarting");
    kernel.setStatus("idle");
    await vi.advanceTimersByTimeAsync(1000);
    kernel.answer("c2");
    kernel.tell(news(1, { epoch: "e2", whole: true, jobs: [jobFields("u2")] }), "c2");
    expect(hub.jobs.map(job => [job.snapshot.uid, job.connection])).toEqual([
      ["u1", "gone"],
      ["u2", "live"]
    ]);
  });

  it("takes the jobs for lost while the connection is broken, and asks anew when it is back", async () => {
    await join(jobFields("u1"));
    kernel.setConnectionStatus("connecting");
    expect(hub.jobs.map(job => job.connection)).toEqual(["lost"]);
    kernel.setConnectionStatus("connected");
    await vi.advanceTimersByTimeAsync(1000);
    kernel.answer("c1");
    kernel.tell(news(8, { whole: true, jobs: [jobFields("u1")] }));
    expect(hub.jobs.map(job => job.connection)).toEqual(["live"]);
  });

  it("leaves no listener, timer or connection behind", async () => {
    const disconnected = vi.spyOn(Signal, "clearData");
    client.look();
    await vi.advanceTimersByTimeAsync(100);
    client.dispose();
    expect(disconnected).toHaveBeenCalledWith(client);
    expect(kernel.clones.map(clone => clone.isDisposed)).toEqual([true]);
    expect(kernel.futures.every(future => future.isDisposed)).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
    kernel.tell(news(1, { whole: true, jobs: [jobFields("u1")] }));
    expect(hub.jobs).toEqual([]);
  });
});
