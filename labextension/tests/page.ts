/** Shows cards in the test's document and reads them as a reader would. */
import { act } from "preact/test-utils";
import { afterEach, beforeEach, vi } from "vitest";

import createCard, { type ICardHooks } from "../src/card/card";
import type { FakeModel } from "./fakes";
import { GOLDEN_NOW } from "./golden";

const cleanups: (() => void)[] = [];

afterEach(() => {
  closeAll();
  document.body.replaceChildren();
});

/** Ends every view that is shown. */
export function closeAll(): void {
  void act(() => {
    cleanups.splice(0).forEach(cleanup => {
      cleanup();
    });
  });
}

/** Lets every test of the file begin at the golden moment, and time pass by `wait` alone. */
export function turnTimeByHand(): void {
  beforeEach(() => {
    vi.useFakeTimers({ now: GOLDEN_NOW * 1000 });
    return () => {
      closeAll();
      vi.useRealTimers();
    };
  });
}

/** Lets the given seconds pass. */
export function wait(seconds: number): void {
  void act(() => {
    vi.advanceTimersByTime(seconds * 1000);
  });
}

/** Shows one more view of a job and returns its card. */
export function show(model: FakeModel, hooks: ICardHooks = createCard()): HTMLElement {
  const el = document.createElement("div");
  document.body.append(el);
  void act(() => {
    cleanups.push(hooks.render({ model, el }));
  });
  const card = el.querySelector<HTMLElement>("[role=group]");
  if (!card) {
    throw new Error("No card was drawn");
  }
  return card;
}

/** An update from the kernel, drawn. */
export function update(model: FakeModel, change: Parameters<FakeModel["update"]>[0]): void {
  void act(() => {
    model.update(change);
  });
}

/** The words on the buttons that can be seen, in their order. */
export function buttons(card: HTMLElement): readonly (string | null)[] {
  return [...card.querySelectorAll(".primwidgets-JobCard-actions button")].map(button => button.textContent);
}

/** The button with that word on it. */
export function button(card: HTMLElement, word: string): HTMLButtonElement {
  const found = [...card.querySelectorAll("button")].find(one => one.textContent === word);
  if (!found) {
    throw new Error(`No button says ${word}`);
  }
  return found;
}

/** Presses a button; `detail` counts the clicks of a double click. */
export function press(card: HTMLElement, word: string, detail = 1): void {
  const target = button(card, word);
  void act(() => {
    target.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, detail }));
  });
}

/** A key pressed where the focus is. */
export function type(key: string): void {
  void act(() => {
    document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  });
}

/** The lines under the progress bar. */
export function notes(card: HTMLElement): readonly (string | null)[] {
  return [...card.querySelectorAll(".primwidgets-JobCard-note")].map(note => note.textContent);
}

/** What the live region says. */
export function spoken(card: HTMLElement): string | null {
  return card.querySelector("[role=status]")?.textContent ?? null;
}
