import { act } from "preact/test-utils";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { JobRow } from "../src/lab/sidebar/jobRow";
import { FIRST_CARDS } from "../src/lab/sidebar/sidebarState";
import { DONE, FAILED, kernel, QUEUED, RUNNING } from "./fakeHub";
import { withSidebar, type SidebarPage } from "./sidebarPage";

let page: SidebarPage;
withSidebar(one => (page = one));

describe("the sidebar", () => {
  it("is a region with a name and shows how to get a job while there is none", () => {
    page.open();
    expect(page.panel.node.getAttribute("role")).toBe("region");
    expect(page.panel.node.getAttribute("aria-label")).toBe("Jobs");
    expect(page.one("pre").textContent).toContain("WidgetJob(sampler.run([circuit]))");
    expect(page.all("input")).toEqual([]);
  });

  it("lists the jobs of each notebook", () => {
    page.hub.kernels = [kernel("k1", "a.ipynb"), kernel("k2", "sub/b.ipynb")];
    page.hub.set(page.hub.job("x", RUNNING), page.hub.job("y", QUEUED, {}, "live", "k2"), page.hub.job("z", FAILED));
    page.open();
    expect(page.headings).toEqual(["a.ipynb1 running · 1 failed", "b.ipynb1 queued"]);
    expect(page.all("ul").map(list => list.getAttribute("role"))).toEqual(["list", "list"]);
    expect(page.rows).toHaveLength(3);
  });

  it("draws news of a job, and only that job's row again", () => {
    page.set(page.hub.job("x", RUNNING), page.hub.job("y", QUEUED));
    page.open();
    const render = vi.spyOn(JobRow.prototype, "render");
    page.set(page.hub.job("x", DONE));
    expect(page.one("[data-job=x] .primwidgets-JobCard-state").textContent).toBe("Done");
    expect(render.mock.calls.map(([{ job }]) => job.key)).toEqual(["x"]);
  });

  it.each([
    ["being cancelled by its provider", "Cancelling"],
    ["deleted by its provider", "Gone"]
  ])("says in words that a job is %s", (name, word) => {
    page.set(page.hub.job("x", name));
    page.open();
    expect(page.one("[data-job=x] .primwidgets-JobCard-state").textContent).toBe(word);
  });

  it("never says of a job whose kernel is gone that it is running", () => {
    page.set(page.hub.job("x", RUNNING, {}, "gone"));
    page.open();
    expect(page.one("[data-job=x] .primwidgets-JobCard-state").textContent).not.toBe("Running");
    expect(page.headings).toEqual(["a.ipynb1 without a kernel"]);
    expect(page.panel.title.dataset).toEqual({});
  });

  it("leaves what a job printed to the card in its notebook", () => {
    page.set(page.hub.job("x", "a function that printed"));
    page.open();
    page.press("Details");
    expect(page.one("[data-job=x]").textContent).toContain("Timeline");
    expect(page.all("[data-job=x] pre")).toEqual([]);
  });

  it("has a line for a job that has ended, until it is opened", () => {
    page.set(page.hub.job("x", RUNNING), page.hub.job("y", DONE));
    page.open();
    const lines = (): readonly (string | undefined)[] => page.all("[data-line]").map(row => row.dataset["job"]);
    expect(lines()).toEqual(["y"]);
    expect(page.one("[data-job=y] time").textContent).not.toBe("");
    void act(() => {
      page.one("[data-job=y] .primwidgets-JobCard-toggle").click();
    });
    expect(lines()).toEqual([]);
  });

  it("leaves the members of a group to its card, unless they are looked for", () => {
    page.set(
      page.hub.job("g", "a group of jobs", { job_id: "g" }),
      page.hub.job("m", RUNNING, { group_id: "g" }),
      page.hub.job("o", RUNNING, { group_id: "other" })
    );
    page.open();
    expect([...page.rows].sort()).toEqual(["g", "o"]);
    page.type("m");
    expect(page.rows).toContain("m");
  });

  it("says which kernel speaks another version", () => {
    page.set(page.hub.job("x", RUNNING));
    page.hub.setKernels(kernel("k1", "a.ipynb"), kernel("k2", "b.ipynb", { versionProblem: true }));
    page.open();
    expect(page.one(".primwidgets-JobsPanel-note").textContent).toContain("different versions");
  });

  it("closes and opens a group", () => {
    page.set(page.hub.job("x", RUNNING));
    page.open();
    page.press("a.ipynb1 running");
    expect(page.one("h3 button").getAttribute("aria-expanded")).toBe("false");
    expect(page.rows).toEqual([]);
    page.press("a.ipynb1 running");
    expect(page.rows).toEqual(["x"]);
  });

  it("shows hostile names as text", () => {
    const name = '<img src=x onerror="alert(1)">';
    page.hub.kernels = [kernel("k1", name)];
    page.set(page.hub.job("x", RUNNING, { name, message: name }));
    page.open();
    expect(page.all("img, script")).toEqual([]);
    expect(page.one(".primwidgets-JobCard-title").textContent).toBe(name);
  });
});

describe("searching", () => {
  beforeEach(() => {
    page.set(page.hub.job("bell", RUNNING, { created_at: 1 }), page.hub.job("vqe", FAILED, { created_at: 2 }));
    page.open();
  });

  it("leaves the jobs that hold the words", () => {
    page.type("vq");
    expect(page.rows).toEqual(["vqe"]);
  });

  it("says how many there are once the typing has paused", () => {
    page.type("vq");
    expect(page.one(":scope > [role=status]").textContent).toBe("");
    void act(() => {
      vi.advanceTimersByTime(1000);
    });
    expect(page.one(":scope > [role=status]").textContent).toBe("1 job matches");
  });

  it("offers all jobs where nothing is found", () => {
    page.type("nothing like it");
    expect(page.rows).toEqual([]);
    page.press("Show all jobs");
    expect(page.rows).toEqual(["vqe", "bell"]);
  });

  it("counts by kind, and shows the kinds that are pressed", () => {
    page.press("1 failed");
    expect(page.rows).toEqual(["vqe"]);
    expect(page.all("[aria-pressed=true]").map(({ textContent }) => textContent)).toEqual(["1 failed"]);
    page.set(page.hub.job("vqe", DONE));
    expect(page.all("[aria-pressed=true]").map(({ textContent }) => textContent)).toEqual(["0 failed"]);
  });

  it("sorts as chosen", () => {
    page.choose("name");
    expect(page.rows).toEqual(["bell", "vqe"]);
  });
});

describe("the buttons", () => {
  beforeEach(() => {
    page.set(page.hub.job("x", RUNNING), page.hub.job("y", QUEUED), page.hub.job("z", DONE));
    page.open();
  });

  it("cancel all that can be cancelled", () => {
    page.press("Cancel all…");
    expect(page.actions.cancelAll.mock.calls[0]?.[0].map(job => job.key)).toEqual(["x", "y"]);
  });

  it("cancel only what is shown, and say so", () => {
    page.press("1 running");
    page.press("Cancel 1 shown…");
    expect(page.actions.cancelAll.mock.calls[0]?.[0].map(job => job.key)).toEqual(["x"]);
  });

  it("do nothing where there is nothing to cancel", () => {
    page.press("1 done");
    page.press("Cancel shown…");
    expect(page.actions.cancelAll).not.toHaveBeenCalled();
  });

  it("clear what is finished", () => {
    page.press("Clear finished");
    expect(page.actions.clearFinished).toHaveBeenCalledOnce();
  });

  it("lead to the cell where it is known", () => {
    page.set(page.hub.job("x", RUNNING, { cell_id: "c1" }));
    const [button] = page.all(".primwidgets-JobsPanel-icon");
    expect(page.all(".primwidgets-JobsPanel-icon")).toHaveLength(1);
    expect(button?.getAttribute("aria-label")).toBe("Go to the cell of x");
    button?.click();
    expect(page.actions.goToCell.mock.calls[0]?.[0].key).toBe("x");
  });

  it("of a card act on its job", () => {
    page.one("[data-job=x] .primwidgets-JobCard-button").click();
    expect(page.hub.asked).toEqual(["cancel x"]);
  });

  it("of a card open it here and nowhere else", () => {
    const job = page.hub.job("x", RUNNING);
    page.set({ ...job, ui: { ...job.ui, open: true } });
    expect(page.one("[data-job=x]").textContent).not.toContain("Timeline");
    void act(() => {
      page.one("[data-job=x] .primwidgets-JobCard-toggle").click();
    });
    expect(page.one("[data-job=x]").textContent).toContain("Timeline");
    expect(page.hub.asked).toEqual([]);
  });

  it("are not needed where the title is clicked", () => {
    page.set(page.hub.job("x", RUNNING, { cell_id: "c1" }), page.hub.job("y", RUNNING, { cell_id: null }));
    page.one("[data-job=x] .primwidgets-JobCard-title bdi").click();
    page.one("[data-job=y] .primwidgets-JobCard-title bdi").click();
    expect(page.actions.goToCell.mock.calls.map(([job]) => job.key)).toEqual(["x"]);
  });
});

describe("thousands of jobs", () => {
  beforeEach(() => {
    page.set(
      ...Array.from({ length: 5000 }, (_, index) => page.hub.job(`job ${index}`, RUNNING, { created_at: index }))
    );
    page.open();
  });

  it("are drawn a few at a time, and each knows its place among all", () => {
    expect(page.rows).toHaveLength(FIRST_CARDS);
    expect(page.rows[0]).toBe("job 4999");
    expect(page.one("[data-job]").getAttribute("aria-setsize")).toBe("5000");
    expect(page.all("[data-job]").at(-1)?.getAttribute("aria-posinset")).toBe(String(FIRST_CARDS));
    page.press("Show 100 more of 4,970");
    expect(page.rows).toHaveLength(FIRST_CARDS + 100);
  });

  it("are searched as a whole", () => {
    page.type("job 4321");
    expect(page.rows).toEqual(["job 4321"]);
  });
});
