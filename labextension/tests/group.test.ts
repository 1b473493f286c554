import { describe, expect, it } from "vitest";

import { FakeModel } from "./fakes";
import { golden } from "./golden";
import { press, show, turnTimeByHand } from "./page";

turnTimeByHand();

describe("the card of a group", () => {
  it("counts the jobs in words and in the pieces of its bar", () => {
    const card = show(new FakeModel(golden("a group of jobs")));
    expect(card.querySelector(".primwidgets-JobCard-facts")?.textContent).toContain(
      "37 of 50 done · 2 failed · 11 running"
    );
    const pieces = [...card.querySelectorAll<HTMLElement>(".primwidgets-JobCard-segment")];
    expect(pieces.map(piece => [piece.dataset["part"], piece.style.width])).toEqual([
      ["done", "74%"],
      ["failed", "4%"],
      ["cancelled", "0%"],
      ["running", "22%"]
    ]);
  });

  it("lists the failures first and says how many jobs it leaves out", () => {
    const card = show(new FakeModel(golden("a group of jobs")));
    press(card, "Details");
    const lines = [...card.querySelectorAll(".primwidgets-JobCard-members > li")].map(line => line.textContent);
    expect(lines).toEqual([
      "scan(0.1)Failed · 1.5 sValueError: no such angle",
      "scan(0.2)FailedValueError: no <b>such</b> angle",
      "scan(0.3)Running · 50 %",
      "scan(0.4)Done · 2.0 s"
    ]);
    expect(card.textContent).toContain("and 46 more jobs");
    expect(card.querySelector("b")).toBeNull();
  });

  it("is drawn without its jobs where its summary is none", () => {
    const odd = { total: "x", done: -1, failed: NaN, running: 3, members: [null, { state: "ODD", note: 3 }] };
    const model = new FakeModel(golden("a group of jobs"));
    model.corrupt("_snapshot_rest", { ...golden("a group of jobs"), group: odd });
    const card = show(model);
    press(card, "Details");
    expect(card.querySelector(".primwidgets-JobCard-members")).toBeNull();
  });
});
