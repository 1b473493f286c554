/** A view whose widget has no kernel claims nothing. */
import { act } from "preact/test-utils";
import { describe, expect, it } from "vitest";

import createCard from "../src/card/card";
import { FakeModel } from "./fakes";
import { GOLDEN_NOW, golden } from "./golden";
import { buttons, notes, show, turnTimeByHand, wait } from "./page";

const GONE = "jupyter-widgets-disconnected";

/** Has the widget manager mark the view, or take the mark off. */
async function mark(card: HTMLElement, gone: boolean): Promise<void> {
  await act(async () => {
    card.parentElement?.classList.toggle(GONE, gone);
    await Promise.resolve();
  });
}

turnTimeByHand();

describe("a view without a live comm", () => {
  function running(): { model: FakeModel; card: HTMLElement } {
    const model = new FakeModel(golden("running with progress", { locator: null, waiting: true }));
    model.corrupt("_seen_at", GOLDEN_NOW - 60);
    return { model, card: show(model, createCard()) };
  }

  it("says when the job was last seen, offers nothing, and no clock ticks on it", async () => {
    const { card } = running();
    await mark(card, true);
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
    const { card } = running();
    await mark(card, true);
    await mark(card, false);
    expect(card.querySelector(".primwidgets-JobCard-state")?.textContent).toBe("Running");
    expect(buttons(card)).toContain("Cancel");
    expect(card.querySelector(".primwidgets-JobCard-subtitle time")).toBeNull();
  });

  it("shows a job that has ended as it ended", async () => {
    const card = show(new FakeModel(golden("done with counts")));
    await mark(card, true);
    expect(card.querySelector(".primwidgets-JobCard-state")?.textContent).toBe("Done");
    expect(notes(card)).toEqual([]);
  });
});
