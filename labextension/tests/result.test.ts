import { describe, expect, it } from "vitest";

import { axisOf } from "../src/card/expectationChart";
import type { ResultPreview } from "../src/wire/snapshot";
import { FakeModel } from "./fakes";
import { golden } from "./golden";
import { button, buttons, notes, press, show, turnTimeByHand, update, wait } from "./page";

turnTimeByHand();

/** The rows of the charts as text. */
function rows(card: HTMLElement): readonly string[][] {
  return [...card.querySelectorAll("tbody tr")].map(row => [...row.children].map(cell => cell.textContent));
}

const REMOTE = "done, the picture is a download away";
const COUNTS = golden("done with counts").result_preview;

describe("a result that is here", () => {
  it("is shown at a click, without a message", () => {
    const model = new FakeModel(golden("done with counts"));
    const card = show(model);
    press(card, "Show result");
    expect(rows(card)).toEqual([
      ["00", "", "498", "48.6 %"],
      ["11", "", "526", "51.4 %"]
    ]);
    expect(card.querySelector("caption")?.textContent).toBe("circuit 0 · meas · 1,024 shots");
    expect(model.sent).toEqual([]);
  });

  it("gives the focus to the fold when its button goes", () => {
    const card = show(new FakeModel(golden("done with counts")));
    button(card, "Show result").focus();
    press(card, "Show result");
    expect(buttons(card)).toEqual([]);
    expect(document.activeElement).toBe(button(card, "Details"));
  });

  it("has bars in proportion to the counts", () => {
    const card = show(new FakeModel(golden("done with counts")));
    press(card, "Show result");
    const widths = [...card.querySelectorAll("rect")].map(bar => parseFloat(bar.getAttribute("width") ?? ""));
    expect(widths[0]).toBeCloseTo((498 / 526) * 100);
    expect(widths[1]).toBe(100);
  });

  it("says what the picture leaves out", () => {
    const preview: ResultPreview = {
      kind: "counts",
      panels: [{ title: "c", shots: 10, bars: [{ label: "0", count: 4 }], other_outcomes: 3, other_count: 6 }],
      more_panels: 2
    };
    const card = show(new FakeModel(golden("done with counts", { result_preview: preview })));
    press(card, "Show result");
    expect(rows(card)).toEqual([["0", "", "4", "40 %"], ["3 other outcomes · 6 · 60 %"]]);
    expect(card.textContent).toContain("and 2 more");
  });

  it("shows expectation values with their errors", () => {
    const card = show(new FakeModel(golden("done with expectation values")));
    press(card, "Show result");
    expect(rows(card)).toEqual([
      ["0", "", "0.97 ± 0.02"],
      ["1", "", "−0.31 ± 0.05"],
      ["2", "", "0.02"]
    ]);
    expect(card.querySelectorAll(".primwidgets-JobCard-whisker")).toHaveLength(2);
    expect(card.querySelectorAll("circle.primwidgets-JobCard-dot")).toHaveLength(3);
  });

  it("says how many values the picture leaves out", () => {
    const preview: ResultPreview = {
      kind: "expectation_values",
      panels: [{ title: "c", axis: null, points: [{ label: "0", value: 3, std: null }], more_points: 7 }],
      more_panels: 0
    };
    const card = show(new FakeModel(golden("done with counts", { result_preview: preview })));
    press(card, "Show result");
    expect(rows(card)).toEqual([["0", "", "3"], ["and 7 more"]]);
  });
});

describe("a result that is a download away", () => {
  it("is asked for at a click only, and shown when it comes", () => {
    const model = new FakeModel(golden(REMOTE));
    const card = show(model);
    expect(model.sent).toEqual([]);
    press(card, "Show result");
    expect(model.verbs).toEqual(["preview"]);
    expect(button(card, "Loading…").getAttribute("aria-disabled")).toBe("true");
    press(card, "Loading…");
    expect(model.verbs).toEqual(["preview"]);
    update(model, { result_preview: COUNTS });
    expect(buttons(card)).toEqual([]);
    expect(rows(card)).toHaveLength(2);
  });

  it("is no longer offered when the kernel has no picture of it", () => {
    const model = new FakeModel(golden(REMOTE));
    const card = show(model);
    press(card, "Show result");
    update(model, { can_preview: false });
    expect(buttons(card)).toEqual([]);
  });

  it("says that it waits for the running cell", () => {
    const card = show(new FakeModel(golden(REMOTE)));
    press(card, "Show result");
    wait(1);
    expect(notes(card)).toEqual(["The kernel is busy: it handles the request when the running cell ends"]);
  });

  it("can be asked for again when nothing came", () => {
    const model = new FakeModel(golden(REMOTE));
    const card = show(model);
    press(card, "Show result");
    wait(31);
    press(card, "Show result");
    expect(model.verbs).toEqual(["preview", "preview"]);
  });
});

it("is not offered before the job is done", () => {
  const card = show(new FakeModel(golden("running with progress", { can_preview: true })));
  expect(buttons(card)).toEqual(["Cancel"]);
});

describe("the axis of expectation values", () => {
  const point = (value: number, std: number | null = null): { label: string; value: number; std: number | null } => ({
    label: "",
    value,
    std
  });

  it("is −1 to 1 where the values are within", () => {
    expect(axisOf([point(0.5, 0.1), point(-1)])).toEqual([-1, 1]);
  });

  it("makes room for an error bar that reaches out", () => {
    expect(axisOf([point(0.97, 0.05)])).toEqual([-1, 1.02]);
  });

  it("follows the values where they are larger, and holds zero", () => {
    expect(axisOf([point(12, 1), point(15, 2)])).toEqual([0, 17]);
    expect(axisOf([point(-74.5)])).toEqual([-74.5, 0]);
  });
});
