import { expect, it } from "vitest";

import type { JobSnapshot } from "../src/wire/snapshot";
import { durationOf, timelineOf } from "../src/card/timeline";
import { golden } from "./golden";

/** The timeline as short text: state, start and length in seconds. */
function lines(change: Partial<JobSnapshot>, now = 100): readonly string[] {
  const blank = golden("just wrapped", { created_at: null });
  return timelineOf({ ...blank, ...change }).map(
    phase => `${phase.state} ${String(phase.from)} ${String(durationOf(phase, now))}`
  );
}

it("tells how long each state lasted", () => {
  expect(lines({ state: "DONE", created_at: 1, queued_at: 2, started_at: 5, finished_at: 9 })).toEqual([
    "INITIALIZING 1 1",
    "QUEUED 2 3",
    "RUNNING 5 4",
    "DONE 9 null"
  ]);
});

it("lets the present state last until now", () => {
  expect(lines({ state: "RUNNING", created_at: 1, started_at: 5 })).toEqual(["INITIALIZING 1 4", "RUNNING 5 95"]);
});

it("counts a job that was only created as queued since then", () => {
  expect(lines({ state: "QUEUED", created_at: 1 })).toEqual(["QUEUED 1 99"]);
});

it("leaves out what took hardly any time", () => {
  expect(lines({ state: "RUNNING", created_at: 5, queued_at: 5.0625, started_at: 6 })).toEqual([
    "QUEUED 5.0625 0.9375",
    "RUNNING 6 94"
  ]);
  expect(lines({ state: "RUNNING", created_at: 5, queued_at: 5, started_at: 5 })).toEqual(["RUNNING 5 95"]);
});

it("has a line for the present state even where no time is known", () => {
  expect(lines({ state: "ERROR" })).toEqual(["ERROR null null"]);
});

it("ends the queue of a job that was cancelled in it", () => {
  expect(lines({ state: "CANCELLED", queued_at: 2, finished_at: 9 })).toEqual(["QUEUED 2 7", "CANCELLED 9 null"]);
});

it("never shows a negative length where two clocks differ", () => {
  expect(lines({ state: "RUNNING", started_at: 105 })).toEqual(["RUNNING 105 0"]);
});
