import axe from "axe-core";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { FakeModel } from "./fakes";
import { GOLDEN, golden } from "./golden";
import { press, show } from "./page";

/** What axe finds, as readable text. There is no layout here, so contrast is checked in a real browser. */
async function violations(card: HTMLElement): Promise<readonly string[]> {
  const results = await axe.run(card, { rules: { "color-contrast": { enabled: false } } });
  return results.violations.map(one => `${one.id}: ${one.nodes.map(node => node.html).join(" ")}`);
}

beforeEach(() => {
  // jsdom complains of every look at a canvas.
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
});

describe("axe finds nothing wrong", () => {
  it.each(GOLDEN)("with the card of a job that is $case", async one => {
    expect(await violations(show(new FakeModel(golden(one.case))))).toEqual([]);
  });

  it.each(GOLDEN)("with the open fold of a job that is $case", async one => {
    const card = show(new FakeModel(golden(one.case), { parts: { Energy: "-1.2" } }));
    press(card, "Details");
    expect(await violations(card)).toEqual([]);
  });

  it("with the question before a cancel", async () => {
    const card = show(new FakeModel(golden("queued behind many")));
    press(card, "Cancel");
    expect(await violations(card)).toEqual([]);
  });
});
