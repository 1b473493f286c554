import { expect, it } from "vitest";

import { howFar, howLong } from "../src/card/cardFacts";
import type { CardUi } from "../src/card/cardState";
import { golden, GOLDEN_NOW } from "./golden";

const UI: CardUi = { open: false, sent: {}, requestedAt: null, progress: null };
const RUNNING = golden("running with progress", { started_at: 100, progress: 0.25 });

it("says how far a running job is", () => {
  expect(howFar(RUNNING)).toEqual(["25 %", "42 of 100 circuits"]);
});

it("says 100 % only of what is complete", () => {
  expect(howFar(golden("cancel requested", { progress: 0.999 }))).toEqual(["99 %"]);
});

it("says nothing where the progress is not known", () => {
  expect(howFar(golden("cancel refused"))).toEqual([]);
});

it("says the place in the queue as the provider says it", () => {
  expect(howFar(golden("queued behind many"))).toEqual(["position >2000"]);
});

it("says when a queued job is expected to start", () => {
  expect(howLong(golden("queued behind many"), UI, GOLDEN_NOW)).toEqual(["starts in about 1 min"]);
  expect(howLong(golden("queued behind many"), UI, GOLDEN_NOW + 999)).toEqual(["starts soon"]);
});

it("says how long a job has waited where no start is expected", () => {
  expect(howLong(golden("provider does not answer"), UI, GOLDEN_NOW)).toEqual(["waiting 20 s"]);
});

it("estimates the time left from the last change of the progress and counts down from there", () => {
  const ui: CardUi = { ...UI, progress: { value: 0.25, at: 110 } };
  expect(howLong(RUNNING, ui, 110)).toEqual(["10 s", "about 30 s left"]);
  expect(howLong(RUNNING, ui, 120)).toEqual(["20 s", "about 20 s left"]);
  expect(howLong(RUNNING, ui, 139.5)).toEqual(["39 s", "almost done"]);
});

it("drops an estimate that turned out wrong, and says that a job is almost done only where its progress says so", () => {
  expect(howLong(RUNNING, { ...UI, progress: { value: 0.25, at: 110 } }, 141)).toEqual(["41 s"]);
  expect(howLong(RUNNING, { ...UI, progress: { value: 0.95, at: 195 } }, 300)).toEqual(["3 min 20 s", "almost done"]);
});

it("does not guess from a progress that is hardly one", () => {
  const ui: CardUi = { ...UI, progress: { value: 0.049, at: 110 } };
  expect(howLong(RUNNING, ui, 110)).toEqual(["10 s"]);
  const early: CardUi = { ...UI, progress: { value: 0.5, at: 101 } };
  expect(howLong(RUNNING, early, 101)).toEqual(["1 s"]);
});

it("says how long a finished job ran, and how long one waited that never ran", () => {
  expect(howLong(golden("done with counts"), UI, GOLDEN_NOW)).toEqual(["12.3 s"]);
  expect(howLong(golden("hostile text"), UI, GOLDEN_NOW)).toEqual(["1.0 s"]);
});

it("says nothing about times that are not known", () => {
  expect(howLong(golden("cancel confirmed", { finished_at: null }), UI, GOLDEN_NOW)).toEqual([]);
  expect(howLong(golden("cancel refused", { started_at: null }), UI, GOLDEN_NOW)).toEqual([]);
  expect(howLong(golden("just wrapped", { created_at: null }), UI, GOLDEN_NOW)).toEqual([]);
});

it("says how fast a running job is, and for how long the kernel expects it to run", () => {
  const fast = golden("running with progress", { started_at: 100, rate: "41 it/s", estimated_end_at: 147 });
  expect(howFar(fast)).toEqual(["42 %", "42 of 100 circuits", "41 it/s"]);
  expect(howLong(fast, UI, 110)).toEqual(["10 s", "about 37 s left"]);
  expect(howFar({ ...fast, state: "DONE" })).toEqual(["42 of 100 circuits"]);
});
