/** Whatever a file holds, the card of it is drawn, soon, and has an end. */
import { describe, expect, it } from "vitest";

import { drawable } from "../src/card/drawable";
import { readSnapshot, type JobSnapshot } from "../src/wire/snapshot";
import { FakeModel } from "./fakes";
import { GOLDEN, golden } from "./golden";
import { press, show, turnTimeByHand } from "./page";

/** A snapshot with values that no kernel sends. */
function malformed(change: Readonly<Record<string, unknown>>): JobSnapshot {
  return { ...golden("done with counts"), ...change };
}

function bars(count: number): object {
  const panel = { title: "t", shots: 1, bars: Array.from({ length: count }, () => ({ label: "0", count: 1 })) };
  return { kind: "counts", panels: [panel] };
}

const MANY = Object.fromEntries(Array.from({ length: 200_000 }, (_, number) => [`key ${number}`, "x"]));

turnTimeByHand();

it.each(GOLDEN)("leaves what the kernel sends as it is, but for overrides: $case", ({ snapshot }) => {
  expect(drawable(readSnapshot(snapshot) ?? malformed({}))).toEqual(
    JSON.parse(JSON.stringify(snapshot).replaceAll("\u202e", ""))
  );
});

describe("the card of a malformed snapshot", () => {
  it.each<[string, Readonly<Record<string, unknown>>]>([
    ["a picture without panels", { result_preview: { kind: "counts" } }],
    ["a picture of no known kind", { result_preview: { kind: "film", panels: [] } }],
    ["panels that are none", { result_preview: { kind: "counts", panels: [null, 7, "x", []] } }],
    ["no bars", { result_preview: { kind: "counts", panels: [{ bars: null }] } }],
    ["bars that are none", { result_preview: { kind: "counts", panels: [{ bars: [null, {}, { count: "x" }] }] } }],
    ["100,000 bars", { result_preview: bars(100_000) }],
    ["100,000 panels", { result_preview: { kind: "counts", panels: Array.from({ length: 100_000 }, () => ({})) } }],
    ["points that are none", { result_preview: { kind: "expectation_values", panels: [{ points: [null, {}] }] } }],
    [
      "points beyond all numbers",
      {
        result_preview: {
          kind: "expectation_values",
          panels: [{ points: [{ value: Infinity }, { value: 1, std: NaN }] }]
        }
      }
    ],
    ["200,000 notes", { metadata: MANY, locator: MANY }],
    ["notes that are no texts", { metadata: { a: null, b: {} } }],
    ["a message of 5 MB", { message: "x".repeat(5_000_000) }],
    ["texts of 5 MB", { name: "x".repeat(5_000_000), provider: "\n".repeat(5_000_000), log: "y".repeat(5_000_000) }],
    ["an error without words", { error: {} }],
    ["an error of other things", { error: { type: {}, message: [1], traceback: 7 } }],
    [
      "moments that no calendar has",
      { created_at: -1e300, started_at: 1e300, finished_at: Infinity, stale_since: NaN }
    ],
    ["a progress beyond its end", { state: "RUNNING", progress: 1e300 }]
  ])(
    "is drawn and has an end: %s",
    (_, change) => {
      const model = new FakeModel(golden("done with counts"));
      const card = show(model);
      const snapshot = malformed(change);
      for (const [field, value] of Object.entries(change)) {
        model.corrupt(field, value);
      }
      model.corrupt("_snapshot_rest", { ...(model.get("_snapshot_rest") as object), ...snapshot });
      model.listeners.forEach(listener => {
        listener();
      });
      const shown = show(new FakeModel(readSnapshot(snapshot) ?? golden("done with counts")));
      press(shown, "Details");
      for (const one of [card, shown]) {
        expect(one.querySelectorAll("*").length).toBeLessThan(1500);
        expect(one.textContent.length).toBeLessThan(120_000);
        expect(one.outerHTML).not.toMatch(/NaN|Infinity|Invalid Date|undefined/);
      }
    },
    60_000
  );

  it("draws no more notes than the wire form has, and no picture that is larger than it", () => {
    const card = show(new FakeModel(malformed({ metadata: MANY, result_preview: bars(100_000) })));
    press(card, "Details");
    expect(card.textContent).toContain("key 63");
    expect(card.textContent).not.toContain("key 64");
    expect(card.querySelector("figure")).toBeNull();
  }, 60_000);

  it("keeps the end of what was printed and the beginning of all else, and no half character", () => {
    const { log, name } = drawable(
      readSnapshot(malformed({ log: "😀".repeat(9000), name: "😀".repeat(9000) })) ?? malformed({})
    );
    expect(log).toMatch(/^…😀/u);
    expect(name).toMatch(/😀…$/u);
  });
});

describe("a view of what is no job's state", () => {
  it("says so, and is a card again with the next state that is one", () => {
    const model = new FakeModel(golden("running with progress"));
    const el = show(model).parentElement;
    model.corrupt("state", "SLEEPING");
    model.listeners.forEach(listener => {
      listener();
    });
    expect(el?.textContent).toBe("The stored state of this job cannot be shown.");
    model.update({});
    expect(el?.querySelector(".primwidgets-JobCard-state")?.textContent).toBe("Running");
  });
});

describe("text that would move other text", () => {
  const ODD = "a\u202eb\u2069\u2066c\u2029d\re";

  it("has no overrides left on the card, nor ends the isolation that holds it in", () => {
    const odd = { name: ODD, job_id: ODD, provider: ODD, backend: ODD, message: ODD, status_text: ODD };
    const card = show(new FakeModel(malformed({ ...odd, metadata: { [ODD]: ODD } }), { parts: { [ODD]: ODD } }));
    press(card, "Details");
    expect(card.outerHTML).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u2028\u2029\r]/);
    expect(card.textContent).toContain("abc\nd\ne");
  });

  it("is isolated each for itself, also where provider and backend are the same", () => {
    const card = show(new FakeModel(malformed({ provider: "שלום", backend: "שלום" })));
    const subtitle = card.querySelector(".primwidgets-JobCard-subtitle");
    expect([...(subtitle?.querySelectorAll("bdi") ?? [])].map(one => one.textContent)).toEqual(["שלום", "שלום"]);
  });

  it("scrolls where it has many lines, and the button behind it is in its place", () => {
    const card = show(new FakeModel(malformed({ job_id: "x\n".repeat(250), metadata: { note: "y\n".repeat(250) } })));
    press(card, "Details");
    const boxes = [...card.querySelectorAll("dd > .primwidgets-JobCard-longText")];
    expect(boxes).toHaveLength(2);
    expect(boxes[0]?.nextElementSibling?.textContent).toBe("Copy ID");
  });
});
