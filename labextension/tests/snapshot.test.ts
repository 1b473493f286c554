import { describe, expect, it } from "vitest";

import { FIELDS, isFinal, isJobSnapshot, JOB_STATES, wrongField } from "../src/snapshot";
import { GOLDEN, golden } from "./golden";

describe("the wire form", () => {
  it.each(GOLDEN)("takes the golden snapshot of a job that is $case", ({ snapshot }) => {
    expect(wrongField(snapshot as Record<string, unknown>)).toBeNull();
    expect(isJobSnapshot(snapshot)).toBe(true);
  });

  it.each(GOLDEN)("has the same keys in the same order as Python when $case", ({ snapshot }) => {
    expect(Object.keys(snapshot as object)).toEqual(FIELDS);
  });

  it.each([null, undefined, 1, "job", [], {}])("is not %j", value => {
    expect(isJobSnapshot(value)).toBe(false);
  });

  it.each([
    ["state", "SLEEPING"],
    ["cancel_state", null],
    ["progress", Number.NaN],
    ["progress", "0.5"],
    ["can_cancel", 1],
    ["uid", null],
    ["metadata", { shots: 4 }],
    ["locator", ["id"]]
  ])("does not take %s = %j", (name, value) => {
    expect(wrongField({ ...golden("just wrapped"), [name]: value })).toBe(name);
  });
});

it("has three final states", () => {
  expect(JOB_STATES.filter(isFinal)).toEqual(["DONE", "CANCELLED", "ERROR"]);
});
