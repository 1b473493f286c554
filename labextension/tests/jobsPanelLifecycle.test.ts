import axe from "axe-core";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { DONE, FAILED, QUEUED, RUNNING } from "./fakeHub";
import { withSidebar, type SidebarPage } from "./sidebarPage";

let page: SidebarPage;
withSidebar(one => (page = one));

describe("while nobody sees it", () => {
  it("nothing is drawn, but the number on its icon is right", () => {
    page.panel.title.dataset = { id: "of the tab" };
    page.set(page.hub.job("x", RUNNING), page.hub.job("y", QUEUED), page.hub.job("z", DONE));
    expect(page.panel.node.childElementCount).toBe(0);
    expect(page.panel.title.dataset).toEqual({ "primwidgets-jobs": "2", id: "of the tab" });
    expect(page.panel.title.caption).toBe("Jobs: 1 running · 1 queued");
    page.set(...Array.from({ length: 120 }, (_, index) => page.hub.job(`job ${index}`, RUNNING)));
    expect(page.panel.title.dataset).toEqual({ "primwidgets-jobs": "99+", id: "of the tab" });
    page.hub.jobs = [];
    page.set();
    expect(page.panel.title.dataset).toEqual({ id: "of the tab" });
    expect(page.panel.title.caption).toBe("Jobs");
  });

  it("the old picture stays, and is right when it is shown again", () => {
    page.set(page.hub.job("x", RUNNING));
    page.open();
    page.panel.hide();
    page.set(page.hub.job("x", DONE));
    expect(page.one(".primwidgets-JobCard-state").textContent).toBe("Running");
    page.panel.show();
    page.settle();
    expect(page.one(".primwidgets-JobCard-state").textContent).toBe("Done");
  });

  it("many changes before the next frame are drawn once", () => {
    page.open();
    const draw = vi.spyOn(page.panel as unknown as { onUpdateRequest: () => void }, "onUpdateRequest");
    for (let index = 0; index < 50; index++) {
      page.hub.set(page.hub.job("x", RUNNING, { progress: index / 50 }));
    }
    page.settle();
    expect(draw).toHaveBeenCalledOnce();
  });
});

describe("keys", () => {
  function key(name: string, target = document.activeElement): void {
    target?.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));
  }

  it("walk through headings and jobs, and stop at the ends", () => {
    page.set(page.hub.job("x", RUNNING), page.hub.job("y", RUNNING));
    page.open();
    const stops = page.all("h3 button, .primwidgets-JobCard-toggle");
    stops[0]?.focus();
    const way = ["ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp", "Home", "ArrowUp", "End"].map(name => {
      key(name);
      return stops.indexOf(document.activeElement as HTMLElement);
    });
    expect(way).toEqual([1, 2, 2, 1, 0, 0, 2]);
  });

  it("in the search field stay the field's own", () => {
    page.set(page.hub.job("x", RUNNING));
    page.open();
    const input = page.one("input");
    input.focus();
    key("ArrowDown");
    expect(document.activeElement).toBe(input);
  });

  it("find the search field first when the sidebar is opened", () => {
    page.set(page.hub.job("x", RUNNING));
    page.open();
    page.panel.activate();
    page.settle();
    expect(document.activeElement).toBe(page.one("input"));
  });
});

it("leaves no listener and no timer behind", () => {
  page.set(page.hub.job("x", RUNNING));
  page.open();
  page.type("x");
  const node = page.panel.node;
  page.close();
  const update = vi.spyOn(page.panel, "update");
  page.hub.set(page.hub.job("x", DONE));
  page.state.setQuery({ text: "" });
  expect(update).not.toHaveBeenCalled();
  expect(node.childElementCount).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

describe("axe finds nothing wrong", () => {
  beforeEach(() => {
    vi.useRealTimers();
    vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
  });

  it.each([
    ["without jobs", []],
    ["with jobs", [RUNNING, QUEUED, DONE, FAILED]]
  ])("%s", async (_case, likes) => {
    page.hub.set(...likes.map((like, index) => page.hub.job(`job ${index}`, like, { cell_id: "c" })));
    page.open();
    const { violations } = await axe.run(page.panel.node, { rules: { "color-contrast": { enabled: false } } });
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
  });
});
