import { act } from "preact/test-utils";
import { describe, expect, it, vi } from "vitest";

import createCard from "../src/card/card";
import { FakeModel } from "./fakes";
import { golden } from "./golden";
import { show, turnTimeByHand, update, wait } from "./page";

turnTimeByHand();

/** The next frame of the page. */
function frame(): void {
  wait(0.05);
}

function hover(element: Element): void {
  vi.spyOn(document, "querySelectorAll").mockImplementation((() => [element]) as never);
}

function move(clientX: number, clientY: number): void {
  void act(() => {
    document.dispatchEvent(Object.assign(new Event("pointermove"), { clientX, clientY }));
  });
}

function isLine(card: HTMLElement): boolean {
  return card.dataset["line"] === "";
}

describe("the card of an ended job", () => {
  it("is one line at once where the job had ended before", () => {
    expect(isLine(show(new FakeModel(golden("done with counts"))))).toBe(true);
  });

  it("becomes one line when nothing is under the pointer, and grows when the end is taken back", () => {
    const model = new FakeModel(golden("running with progress"));
    const card = show(model);
    frame();
    expect(isLine(card)).toBe(false);
    update(model, { state: "DONE" });
    frame();
    expect(isLine(card)).toBe(true);
    update(model, { state: "RUNNING" });
    expect(isLine(card)).toBe(false);
  });

  it("waits for a pointer that is on the card or below it, also in a view that replaces it", () => {
    const model = new FakeModel(golden("running with progress"));
    const hooks = createCard();
    const card = show(model, hooks);
    hover(card);
    const place = vi
      .spyOn(HTMLElement.prototype, "getBoundingClientRect")
      .mockReturnValue(new DOMRect(0, 100, 400, 99));
    update(model, { state: "DONE" });
    frame();
    const second = show(model, hooks);
    frame();
    expect([card, second].map(isLine)).toEqual([false, false]);
    move(50, 500);
    expect([card, second].map(isLine)).toEqual([false, false]);
    move(50, 40);
    expect([card, second].map(isLine)).toEqual([true, true]);
    place.mockRestore();
    vi.restoreAllMocks();
    expect(isLine(show(model, hooks))).toBe(true);
  });
});
