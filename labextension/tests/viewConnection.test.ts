/** A view whose widget has no kernel claims nothing. */
import { act } from "preact/test-utils";
import { describe, expect, it } from "vitest";

import createCard from "../src/card/card";
import { FakeModel } from "./fakes";
import { GOLDEN_NOW, golden } from "./golden";
import { buttons, notes, show, turnTimeByHand, wait } from "./page";

/** Has the frontend say whether the widget has its comm. */
async function mark(model: FakeModel, gone: boolean): Promise<void> {
  await act(async () => {
    widgets.set(model, Object.assign(widgets.get(model) ?? {}, { comm_live: !gone }));
    model.listeners.forEach(listener => {
      listener();
    });
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
  });
}

/** The frontend's own models. */
const widgets = new Map<FakeModel, object>();

function known(model: FakeModel): FakeModel {
  const widget = { comm_live: true };
  widgets.set(model, widget);
  model.corrupt("_channel", { control: false, version: 1, model_id: "m1" });
  model.widget_manager = { get_model: id => (id === "m1" ? Promise.resolve(widget) : Promise.reject(new Error(id))) };
  return model;
}

turnTimeByHand();

describe("a view without a live comm", () => {
  function running(): { model: FakeModel; card: HTMLElement } {
    const model = known(new FakeModel(golden("running with progress", { locator: null, waiting: true })));
    model.corrupt("_seen_at", GOLDEN_NOW - 60);
    return { model, card: show(model, createCard()) };
  }

  it("says when the job was last seen, offers nothing, and no clock ticks on it", async () => {
    const { model, card } = running();
    await mark(model, true);
    expect(card.querySelector(".primwidgets-JobCard-state")?.textContent).toBe("Running when last seen");
    const seen = new Date((GOLDEN_NOW - 60) * 1000).toISOString();
    expect(card.querySelector(".primwidgets-JobCard-subtitle time")?.getAttribute("datetime")).toBe(seen);
    expect(buttons(card)).toEqual([]);
    expect(notes(card)).toContain("The kernel that ran this job has stopped. The card shows the last known state.");
    const before = card.textContent;
    wait(5);
    expect(card.textContent).toBe(before);
  });

  it("is live again when the comm is", async () => {
    const { model, card } = running();
    await mark(model, true);
    await mark(model, false);
    expect(card.querySelector(".primwidgets-JobCard-state")?.textContent).toBe("Running");
    expect(buttons(card)).toContain("Cancel");
    expect(card.querySelector(".primwidgets-JobCard-subtitle time")).toBeNull();
  });

  it("shows a job that has ended as it ended", async () => {
    const model = known(new FakeModel(golden("done with counts")));
    const card = show(model);
    await mark(model, true);
    expect(card.querySelector(".primwidgets-JobCard-state")?.textContent).toBe("Done");
    expect(notes(card)).toEqual([]);
  });
});
