/** The jobs of earlier kernels: what the server answers, and the section of the sidebar. */
import "./dragEvent";

import { MessageLoop } from "@lumino/messaging";
import { Widget } from "@lumino/widgets";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { MOST_EARLIER, readEarlierJobs } from "../src/lab/sidebar/earlierAnswer";
import { EarlierJobs, type Request } from "../src/lab/sidebar/earlierJobs";
import { JobsPanel } from "../src/lab/sidebar/jobsPanel";
import { SidebarState } from "../src/lab/sidebar/sidebarState";
import { FakeHub, kernel, RUNNING } from "./fakeHub";

const HOSTILE = "<img src=x onerror=alert(1)>";
const JOB = {
  uid: "a",
  name: "fit",
  job_id: "j-1",
  provider: "Acme",
  state: "DONE",
  notebook: "sub/a.ipynb",
  created_at: 1000,
  error: null,
  locator: {}
};
const LOCATOR = { provider: "primwidgets_background", job_id: `bg-${"0".repeat(32)}` };

describe("the reader of the server's answer", () => {
  it.each([null, 1, "x", [], {}, { jobs: "x" }, { jobs: { 0: JOB } }])("takes %j as no answer", answer => {
    expect(readEarlierJobs(answer)).toBe(null);
  });

  it("leaves out entries that do not fit, and each job but once", () => {
    const odd = [
      null,
      1,
      [],
      { ...JOB, uid: "" },
      { ...JOB, uid: "../x" },
      { ...JOB, uid: 7 },
      { ...JOB, state: "MELTED" }
    ];
    expect(readEarlierJobs({ jobs: [...odd, JOB, JOB] })?.map(({ uid }) => uid)).toEqual(["a"]);
  });

  it("takes what is no text, no time and no locator as unknown", () => {
    const wrong = { ...JOB, name: {}, provider: 1, notebook: [], created_at: 1e300, locator: { a: 1 } };
    const unknown = { name: "", provider: "", notebook: "", created_at: null, locator: null };
    expect(readEarlierJobs({ jobs: [wrong] })?.[0]).toMatchObject(unknown);
  });

  it("is bounded", () => {
    const jobs = Array.from({ length: MOST_EARLIER + 5 }, (_, n) => ({
      ...JOB,
      uid: String(n),
      name: "x".repeat(9999)
    }));
    const read = readEarlierJobs({ jobs });
    expect(read).toHaveLength(MOST_EARLIER);
    expect(Math.max(...(read ?? []).map(({ name }) => name.length))).toBeLessThan(500);
  });
});

describe("the section", () => {
  let hub: FakeHub;
  let request: ReturnType<typeof vi.fn<Request>>;
  let earlier: EarlierJobs;
  let panel: JobsPanel;
  const actions = { openNotebook: vi.fn(), insertCode: vi.fn() };

  beforeEach(() => {
    vi.clearAllMocks();
    hub = new FakeHub();
    request = vi.fn<Request>();
    answer(200, { jobs: [JOB] });
    earlier = new EarlierJobs(hub, request);
    const none = { cancelAll: vi.fn(), clearFinished: vi.fn(), goToCell: vi.fn() };
    panel = new JobsPanel({ hub, state: new SidebarState(), actions: none, earlier, earlierActions: actions });
    Widget.attach(panel, document.body);
    MessageLoop.flush();
  });

  afterEach(() => {
    panel.dispose();
    earlier.dispose();
    document.body.replaceChildren();
  });

  function answer(status: number, body: unknown): void {
    request.mockImplementation(() => Promise.resolve({ status, body }));
  }

  async function settle(): Promise<void> {
    await act(async () => {
      await Promise.resolve();
      await new Promise(resolve => setTimeout(resolve));
      MessageLoop.flush();
    });
  }

  async function press(word: string): Promise<void> {
    const button = [...panel.node.querySelectorAll("button")].find(({ textContent }) => textContent === word);
    expect(button).toBeDefined();
    button?.click();
    await settle();
  }

  const rows = (): readonly string[] =>
    [...panel.node.querySelectorAll<HTMLElement>("[data-uid]")].map(({ dataset }) => dataset["uid"] ?? "");

  it("is closed at first, asks for nothing, and loads the jobs when it is opened", async () => {
    expect(request).not.toHaveBeenCalled();
    await press("Earlier");
    expect(request.mock.calls).toEqual([["GET", `primwidgets/jobs?limit=${MOST_EARLIER}`]]);
    expect(panel.node.querySelector("[data-uid=a]")?.textContent).toContain("fit");
    expect(panel.node.querySelector("[data-uid=a]")?.textContent).toContain("Acme · Done");
  });

  it("shows markup as text", async () => {
    answer(200, { jobs: [{ ...JOB, name: HOSTILE, provider: HOSTILE, notebook: HOSTILE, error: HOSTILE }] });
    await press("Earlier");
    expect(panel.node.querySelector("img")).toBe(null);
    expect(panel.node.textContent).toContain(HOSTILE);
  });

  it("leaves out the jobs that the sidebar lists anyway", async () => {
    const job = hub.job("x", RUNNING);
    hub.set(job);
    answer(200, { jobs: [{ ...JOB, uid: job.snapshot.uid }, JOB] });
    await press("Earlier");
    expect(rows()).toEqual(["a"]);
  });

  it("is not there where the server has no such list", async () => {
    answer(404, null);
    await press("Earlier");
    expect(panel.node.querySelector(".primwidgets-JobsPanel-earlier")).toBe(null);
  });

  it.each([
    [
      () => Promise.resolve({ status: 503, body: { message: "The ledger is turned off." } }),
      "The ledger is turned off."
    ],
    [() => Promise.resolve({ status: 200, body: "nonsense" }), "The server does not answer."],
    [() => Promise.reject(new Error("offline")), "The server does not answer."]
  ])("says why there are no jobs", async (respond, words) => {
    request.mockImplementation(respond);
    await press("Earlier");
    expect(panel.node.querySelector(".primwidgets-JobsPanel-note")?.textContent).toBe(words);
  });

  it("opens the notebook, and inserts code where the job can be found again", async () => {
    answer(200, { jobs: [JOB, { ...JOB, uid: "b", locator: LOCATOR }] });
    await press("Earlier");
    await press("fit");
    expect(actions.openNotebook).toHaveBeenCalledWith("sub/a.ipynb");
    expect(panel.node.querySelector("[data-uid=a]")?.textContent).not.toContain("Find it again");
    await press("Find it again");
    expect(actions.insertCode).toHaveBeenCalledWith("sub/a.ipynb", expect.stringContaining(LOCATOR.job_id));
  });

  it("forgets a job, and says why where it cannot", async () => {
    answer(200, { jobs: [JOB, { ...JOB, uid: "b" }] });
    await press("Earlier");
    answer(204, null);
    await press("Forget");
    expect(request).toHaveBeenLastCalledWith("DELETE", "primwidgets/jobs/a");
    expect(rows()).toEqual(["b"]);
    answer(503, { message: "locked" });
    await press("Forget");
    expect(rows()).toEqual(["b"]);
    expect(panel.node.querySelector(".primwidgets-JobsPanel-note")?.textContent).toBe("locked");
  });

  it("loads again on demand and when a kernel has ended, and not otherwise", async () => {
    hub.kernels = [kernel("k1", "a.ipynb")];
    hub.set();
    await press("Earlier");
    await press("Refresh");
    expect(request).toHaveBeenCalledTimes(2);
    hub.set(hub.job("x", RUNNING));
    await settle();
    expect(request).toHaveBeenCalledTimes(2);
    hub.kernels = [];
    hub.set();
    await settle();
    expect(request).toHaveBeenCalledTimes(3);
  });
});
