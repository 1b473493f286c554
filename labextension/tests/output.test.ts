import { describe, expect, it } from "vitest";

import createCard from "../src/card/card";
import { FakeModel } from "./fakes";
import { golden } from "./golden";
import { press, show, turnTimeByHand, update } from "./page";

turnTimeByHand();

const PRINTED = golden("a function that printed");

/** The text that the job printed, as it stands on the card. */
function output(card: HTMLElement): HTMLPreElement {
  const found = card.querySelector<HTMLPreElement>('pre[aria-label="Output"]');
  if (!found) {
    throw new Error("The card shows no output");
  }
  return found;
}

/** The output on the open card of a job; there is no layout here, so let each line be 10 pixels high. */
function openOutput(model: FakeModel): HTMLPreElement {
  const card = show(model, createCard());
  press(card, "Details");
  const pre = output(card);
  Object.defineProperties(pre, {
    clientHeight: { value: 50 },
    scrollHeight: { get: () => 10 * pre.textContent.split("\n").length }
  });
  return pre;
}

describe("what a job prints", () => {
  it("is in the fold, where a keyboard can scroll it", () => {
    const card = show(new FakeModel(PRINTED));
    expect(card.textContent).not.toContain("loss 0.18");
    press(card, "Details");
    expect(output(card).textContent).toBe(PRINTED.log);
    expect(output(card).tabIndex).toBe(0);
  });

  it("is not read out while it grows", () => {
    const card = show(new FakeModel(PRINTED));
    press(card, "Details");
    expect(output(card).closest("[aria-live], [role=log], [role=status]")).toBeNull();
  });

  it("has no place on the card of a job that printed nothing", () => {
    const card = show(new FakeModel(golden("running with progress")));
    press(card, "Details");
    expect(card.querySelector("pre")).toBeNull();
  });

  it("is text whatever is in it", () => {
    const card = show(new FakeModel(golden("hostile text")));
    press(card, "Details");
    expect(output(card).textContent).toBe(golden("hostile text").log?.replace("\u202e", ""));
    expect(card.querySelector("img, script")).toBeNull();
  });

  it("keeps its end in sight while it grows", () => {
    const model = new FakeModel(PRINTED);
    const pre = openOutput(model);
    pre.scrollTop = pre.scrollHeight - pre.clientHeight;
    update(model, { log: `${PRINTED.log}more\nand more\n` });
    expect(pre.textContent).toContain("and more");
    expect(pre.scrollTop).toBe(pre.scrollHeight);
  });

  it("stays where the reader scrolled to", () => {
    const model = new FakeModel(PRINTED);
    const pre = openOutput(model);
    pre.scrollTop = 20;
    update(model, { log: `${PRINTED.log}more\nand more\n` });
    expect(pre.scrollTop).toBe(20);
  });
});
