import { act } from "preact/test-utils";
import { describe, expect, it } from "vitest";

import { pathOf, placeOn, pointsOf, scaleOf, ticksOf } from "../src/card/seriesScale";
import type { Series } from "../src/wire/snapshot";
import { FakeModel } from "./fakes";
import { golden } from "./golden";
import { button, press, show, update } from "./page";

function series(values: readonly (number | null)[], name = "energy"): Series {
  const finite = values.filter(value => value !== null);
  return {
    name,
    count: values.length,
    first: values[0] ?? null,
    latest: values.at(-1) ?? null,
    best: finite.length > 0 ? Math.min(...finite) : null,
    highest_is_best: false,
    steps: values.map((_, index) => index),
    values
  };
}

function cardWith(...all: Series[]): HTMLElement {
  return show(new FakeModel(golden("running with progress", { series: all })));
}

function lines(card: HTMLElement): readonly string[] {
  return [...card.querySelectorAll("[role=listitem]")].map(line => line.textContent);
}

describe("the scale of a plot", () => {
  it("puts the lowest and the highest value at its ends", () => {
    const scale = scaleOf([3, -1, 2]);
    expect([-1, 1, 3].map(value => placeOn(scale, value))).toEqual([0, 0.5, 1]);
  });

  it("has room for a line that is flat, and for none", () => {
    expect(placeOn(scaleOf([2, 2]), 2)).toBe(0.5);
    expect(placeOn(scaleOf([0]), 0)).toBe(0.5);
    expect(placeOn(scaleOf([5, 5], true), 5)).toBeCloseTo(0.5);
    expect(scaleOf([])).toEqual({ low: 0, high: 1, log: false });
  });

  it("can be logarithmic", () => {
    const scale = scaleOf([0.001, 10], true);
    expect(placeOn(scale, 0.1)).toBeCloseTo(0.5);
    expect(ticksOf(scale).map(({ value }) => value.toPrecision(3))).toEqual(["0.00100", "0.100", "10.0"]);
  });

  it.each([
    [
      [0, 1],
      [0, 0.5, 1]
    ],
    [
      [0, 199],
      [0, 50, 100, 150]
    ],
    [
      [-1.16, -0.51],
      [-1, -0.8, -0.6]
    ],
    [
      [1e-9, 3e-9],
      [1e-9, 1.5e-9, 2e-9, 2.5e-9, 3e-9]
    ],
    [
      [-1e300, 1e300],
      [-1e300, -5e299, 0, 5e299, 1e300]
    ]
  ])("marks round numbers between %j", (ends, marks) => {
    const found = ticksOf(scaleOf(ends)).map(({ value }) => value);
    expect(found.length).toBe(marks.length);
    marks.forEach((mark, index) => {
      expect(Math.abs((found[index] ?? NaN) - mark)).toBeLessThanOrEqual(Math.abs(mark) * 1e-9);
    });
  });

  it("marks whole numbers where steps are counted", () => {
    expect(ticksOf(scaleOf([0, 2]), true).map(({ value }) => value)).toEqual([0, 1, 2]);
  });

  it("interrupts the line where a value is not finite, and draws a single value as a dot", () => {
    const one = series([1, null, 0, 2]);
    expect(pathOf(one, scaleOf(one.steps), scaleOf([0, 2]))).toBe("M0.00 50.00l0 0M66.67 100.00l0 0L100.00 0.00");
    expect(pointsOf({ ...one, values: [1] })).toEqual([{ step: 0, value: 1 }]);
  });
});

describe("the numbers of a job", () => {
  it("are lines with their latest, best and first value", () => {
    const card = cardWith(series([1, 0.25, 0.5], "loss"));
    expect(lines(card)).toEqual(["loss0.5best 0.25first 1"]);
    expect(card.querySelector("[role=list] path")?.getAttribute("d")).toMatch(/^M0\.00 0\.00/);
  });

  it("are shown at their first value, and say what is no number", () => {
    expect(lines(cardWith(series([2])))).toEqual(["energy2"]);
    expect(lines(cardWith(series([1, null])))).toEqual(["energyNaNbest 1first 1"]);
    expect(lines(cardWith(series([null])))).toEqual(["energyNaN"]);
  });

  it("are three at most, and the others in the details", () => {
    const many = Array.from({ length: 5 }, (_, index) => series([index, 1], `s${index}`));
    const card = cardWith(...many);
    expect(lines(card)).toHaveLength(4);
    expect(lines(card)[3]).toBe("and 2 more");
    press(card, "Details");
    expect(card.querySelectorAll("figure")).toHaveLength(5);
  });

  it("move while the job runs", () => {
    const model = new FakeModel(golden("running with progress", { series: [series([1])] }));
    const card = show(model);
    update(model, { series: [series([1, 0.5])] });
    expect(lines(card)).toEqual(["energy0.5best 0.5first 1"]);
  });

  it("have plots that a keyboard reads point by point", () => {
    const card = cardWith(series([4, null, 1, 2]));
    press(card, "Details");
    const plot = card.querySelector<HTMLElement>("[role=slider]");
    const key = (name: string): string | null | undefined => {
      void act(() => {
        plot?.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));
      });
      return plot?.getAttribute("aria-valuetext");
    };
    expect(plot?.getAttribute("aria-valuetext")).toBe("step 3: 2");
    expect(key("ArrowLeft")).toBe("step 2: 1");
    expect(key("ArrowLeft")).toBe("step 0: 4");
    expect(key("ArrowLeft")).toBe("step 0: 4");
    expect(key("End")).toBe("step 3: 2");
    expect(key("x")).toBe("step 3: 2");
  });

  it("can be drawn on a logarithmic scale where all are positive", () => {
    const card = cardWith(series([100, 10, 1]));
    press(card, "Details");
    const middle = (): string | null | undefined => card.querySelector("figure path")?.getAttribute("d");
    expect(middle()).toMatch(/L50\.00 90\.91/);
    press(card, "Log scale");
    expect(button(card, "Log scale").getAttribute("aria-pressed")).toBe("true");
    expect(middle()).toMatch(/L50\.00 50\.00/);
    const negative = cardWith(series([1, -1]));
    press(negative, "Details");
    expect([...negative.querySelectorAll("button")].map(one => one.textContent)).not.toContain("Log scale");
  });

  it("are drawn, whatever a file holds", () => {
    const odd = { ...series([1, 2, 3]), steps: [5, 5], name: "x".repeat(1_000) };
    const card = cardWith(odd, { ...series([]), best: null });
    press(card, "Details");
    expect(card.querySelectorAll("figure")).toHaveLength(2);
    expect(card.innerHTML).not.toMatch(/NaN[ "]|Infinity/);
  });
});
