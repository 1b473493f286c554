import { describe, expect, it, vi } from "vitest";
import { act } from "preact/test-utils";
import { h, render } from "preact";

import { Failure } from "../src/card/failure";
import { drawable } from "../src/card/drawable";
import { readJobError } from "../src/wire/schema";
import { FakeModel } from "./fakes";
import { golden } from "./golden";
import { press, show, turnTimeByHand } from "./page";

turnTimeByHand();

function opened(): HTMLElement {
  const card = show(new FakeModel(golden("failed in a cell")));
  press(card, "Details");
  return card;
}

describe("why a job failed", () => {
  it("begins with the exception, and names what caused it below", () => {
    const steps = [...opened().querySelectorAll(".primwidgets-JobCard-exception")].map(step => step.textContent);
    expect(steps).toEqual(["RuntimeError: the fit failed", "ValueError: no number"]);
    expect(opened().textContent).toContain("Caused by");
  });

  it("marks the line that failed", () => {
    expect(opened().querySelector(".primwidgets-JobCard-failedLine")?.textContent).toBe("→    2      return load(x)");
  });

  it("folds the frames of libraries", () => {
    const fold = opened().querySelector("details");
    expect([fold?.open, fold?.querySelector("summary")?.textContent]).toEqual([false, "2 library frames"]);
    expect(opened().textContent).toContain("3 frames left out");
  });

  it("goes to a line of a cell where the page has cells", () => {
    expect(opened().textContent).not.toContain("Go to line");
    const { error } = golden("failed in a cell");
    const goToLine = vi.fn();
    const host = document.createElement("div");
    void act(() => {
      render(error && h(Failure, { error, announce: vi.fn(), goToLine }), host);
    });
    host.querySelector<HTMLButtonElement>("[aria-label='Go to line: Cell In[5], line 2']")?.click();
    expect(goToLine).toHaveBeenCalledWith(5, 2);
  });
});

it("is left out where a file holds something else", () => {
  const failed = golden("failed").error;
  for (const chain of ["no list", [7], [{ frames: [] }], Array(100).fill({}), [{ type: 1 }]]) {
    expect(readJobError({ ...failed, chain })?.chain ?? []).toEqual([]);
  }
});

it("moves no text around it", () => {
  const step = { type: "E", message: "a\u202eb", caused: false, frames: [], left_out: 0 };
  const error = { type: "E", message: "", traceback: null, chain: [step] };
  expect(drawable({ ...golden("failed"), error }).error?.chain[0]?.message).toBe("ab");
});
