import { describe, expect, it } from "vitest";

import { isFinal, JOB_STATES, readSnapshot } from "../src/wire/snapshot";
import { GOLDEN, golden } from "./golden";

const BLANK = golden("just wrapped");

/** What is read where one field is another. */
function read(change: Readonly<Record<string, unknown>>): ReturnType<typeof readSnapshot> {
  return readSnapshot({ ...BLANK, ...change });
}

/** A wire form without one field. */
function without(name: string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(BLANK).filter(([field]) => field !== name));
}

describe("the wire form", () => {
  it.each(GOLDEN)("takes the golden snapshot of a job that is $case as it is", ({ snapshot }) => {
    const known = readSnapshot(snapshot);
    expect(known).toEqual(snapshot);
    expect(Object.keys(known ?? {})).toEqual(Object.keys(snapshot as object));
  });

  it.each([null, undefined, 1, "job", [], {}, [BLANK]])("is not %j", value => {
    expect(readSnapshot(value)).toBeNull();
  });

  it.each([
    ["uid", null],
    ["uid", 7],
    ["uid", "u".repeat(65)],
    ["state", "SLEEPING"],
    ["state", null],
    ["cancel_state", "MAYBE"],
    ["cancel_state", null]
  ])("is refused with %s = %j, which means nothing here", (name, value) => {
    expect(read({ [name]: value })).toBeNull();
  });
});

describe("another version", () => {
  it.each(Object.keys(BLANK).filter(name => name !== "uid"))("may leave out %s", name => {
    expect(readSnapshot(without(name))).toEqual({ ...readSnapshot({ uid: "u1" }), ...without(name) });
  });

  it("may say nothing but which job it is about", () => {
    const known = readSnapshot({ uid: "u1" });
    expect(known).toMatchObject({ state: "INITIALIZING", cancel_state: "NONE", job_id: "", name: null, metadata: {} });
    expect(Object.keys(known ?? {})).toEqual(Object.keys(BLANK));
  });

  it("may have fields that are not known here, also in the error", () => {
    const error = { type: "E", message: "m", note: "later" };
    expect(read({ mood: "good", error })).toEqual({
      ...BLANK,
      error: { type: "E", message: "m", traceback: null, chain: [] }
    });
  });
});

describe("what a stranger wrote", () => {
  it.each([
    ["progress", Number.NaN],
    ["progress", "0.5"],
    ["progress", 1.5],
    ["progress", -1],
    ["created_at", Infinity],
    ["started_at", -Infinity],
    ["finished_at", 1e308],
    ["stale_since", "now"],
    ["error", []],
    ["error", { type: "E" }],
    ["error", { type: "E", message: 1 }],
    ["message", ["text"]],
    ["locator", ["id"]],
    ["locator", { job: 1 }],
    ["result_preview", { kind: "counts" }],
    ["result_preview", { kind: { toString: null }, panels: [], more_panels: 0 }],
    ["result_preview", { kind: "constructor", panels: [], more_panels: 0 }],
    ["result_preview", { kind: "counts", panels: [{ title: "c", shots: 1, bars: null }], more_panels: 0 }],
    ["result_preview", { kind: "counts", panels: Array(7).fill(null), more_panels: 0 }],
    ["result_preview", { kind: "expectation_values", panels: [{ title: "", points: [1], more_points: 0 }] }]
  ])("leaves %s unknown where it is %j", (name, value) => {
    expect(read({ [name]: value })).toEqual({ ...BLANK, [name]: null });
  });

  it("is no picture where it has too many bars, negative counts or a value that is not finite", () => {
    const bars = Array.from({ length: 100_000 }, (_, index) => ({ label: `${index}`, count: 1 }));
    const panel = { title: "c", shots: 1, bars: [], other_outcomes: 0, other_count: 0 };
    const counts = (change: object): unknown => ({ kind: "counts", panels: [{ ...panel, ...change }], more_panels: 0 });
    const values = (value: number, std: number | null): unknown => ({
      kind: "expectation_values",
      panels: [{ title: "", axis: null, points: [{ label: "Z", value, std }], more_points: 0 }],
      more_panels: 0
    });
    expect(read({ result_preview: counts({}) })?.result_preview).toEqual(counts({}));
    expect(read({ result_preview: values(1, null) })?.result_preview).toEqual(values(1, null));
    for (const picture of [
      counts({ bars }),
      counts({ shots: -1 }),
      counts({ other_count: 0.5 }),
      values(Infinity, null),
      values(1, -1),
      values(1, 1e301)
    ]) {
      expect(read({ result_preview: picture })?.result_preview).toBeNull();
    }
  });

  it("is cut to its bounds, the end of what was printed being kept", () => {
    const long = `a${"😀".repeat(2_500_000)}z`;
    const known = read({ message: long, log: long, name: long, error: { type: long, message: "", traceback: long } });
    expect(Array.from(known?.message ?? "")).toHaveLength(4000);
    expect(known?.message).toMatch(/^a😀.*😀…$/u);
    expect(known?.log).toMatch(/^…😀.*z$/u);
    expect(Array.from(known?.name ?? "")).toHaveLength(300);
    expect(Array.from(known?.error?.traceback ?? "")).toHaveLength(40_000);
  });

  it("has no more entries than can be shown", () => {
    const metadata = Object.fromEntries(Array.from({ length: 200_000 }, (_, index) => [`k${index}`, "v".repeat(999)]));
    const known = Object.entries(read({ metadata })?.metadata ?? {});
    expect(known).toHaveLength(64);
    expect(known[0]).toEqual(["k0", `${"v".repeat(299)}…`]);
    expect(read({ metadata: { shots: 4 } })?.metadata).toEqual({});
  });

  it("cannot reach the prototype of what is read", () => {
    const metadata: unknown = JSON.parse('{"__proto__": "text", "constructor": "text"}');
    expect(Object.getPrototypeOf(read({ metadata })?.metadata)).toBe(Object.prototype);
  });
});

it("has three final states", () => {
  expect(JOB_STATES.filter(isFinal)).toEqual(["DONE", "CANCELLED", "ERROR"]);
});
