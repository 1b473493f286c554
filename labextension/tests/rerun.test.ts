import { describe, expect, it } from "vitest";

import { drawable } from "../src/card/drawable";
import type { JobSnapshot, RunSummary } from "../src/wire/snapshot";
import { readSnapshot } from "../src/wire/snapshot";
import { FakeModel } from "./fakes";
import { golden } from "./golden";
import { button, buttons, notes, press, show, turnTimeByHand, update, wait } from "./page";

turnTimeByHand();

const FIRST: RunSummary = { number: 1, repeats: null, can_rerun: true, reruns: 0, problem: null };

function ended(run: Partial<RunSummary> | null = {}, change: Partial<JobSnapshot> = {}, like = "failed"): FakeModel {
  return new FakeModel(golden(like, { can_preview: false, ...change, run: run && { ...FIRST, ...run } }));
}

describe("Run again", () => {
  it.each(["failed", "cancel confirmed", "done with counts"])("is offered for a call that %s", like => {
    expect(buttons(show(ended({}, {}, like)))).toContain("Run again");
  });

  it.each([
    ["is running", { number: 1 }, "running with progress"],
    ["is no longer kept", { can_rerun: false }, "failed"],
    ["is no call of a function", null, "failed"]
  ] as const)("is not offered for a job that %s", (_, run, like) => {
    expect(buttons(show(ended(run, {}, like)))).not.toContain("Run again");
  });

  it("is sent once, and is under way until the kernel has answered", () => {
    const model = ended();
    const card = show(model);
    press(card, "Run again");
    press(card, "Starting…");
    expect(model.verbs).toEqual(["rerun"]);
    update(model, { run: { ...FIRST, reruns: 1 } });
    expect(button(card, "Run again").getAttribute("aria-disabled")).toBeNull();
    press(card, "Run again");
    expect(model.verbs).toEqual(["rerun", "rerun"]);
  });

  it("says why it was not possible, and can be tried again", () => {
    const model = ended();
    const card = show(model);
    press(card, "Run again");
    update(model, { run: { ...FIRST, problem: "EngineError: This client is closed." } });
    expect(notes(card)).toContain("Could not run again: EngineError: This client is closed.");
    expect(buttons(card)).toContain("Run again");
  });

  it("can be tried again when no answer has come for long, and says what it waits for", () => {
    const model = ended();
    const card = show(model);
    press(card, "Run again");
    wait(1);
    expect(notes(card)).toContain("The kernel is busy: it handles the request when the running cell ends");
    wait(30);
    press(card, "Run again");
    expect(model.verbs).toEqual(["rerun", "rerun"]);
  });

  it("shows which run of its call a job is, but for the first", () => {
    expect(show(ended({ number: 2 })).textContent).toContain("run 2");
    expect(show(ended({ number: 1 })).textContent).not.toContain("run 1");
  });

  it("draws whatever a stored card holds", () => {
    const run = { number: -3, repeats: 7, can_rerun: "yes", reruns: null, problem: ["x"] } as unknown as RunSummary;
    expect(drawable(readSnapshot(golden("failed", { run })) ?? golden("failed")).run).toBeNull();
  });
});
