import { describe, expect, it } from "vitest";

import cases from "../../tests/golden/text_cards.json";
import { toHtml, toText } from "../src/lab/storedText";
import { golden } from "./golden";

describe("the stored text of a job", () => {
  it.each(cases)("is what the kernel writes: $case", ({ case: name, text, html }) => {
    expect(toText(golden(name))).toBe(text);
    expect(toHtml(golden(name))).toBe(html);
  });

  it.each([
    [12.34, "12.3 s"],
    [12.25, "12.2 s"],
    [12.75, "12.8 s"],
    [60.5, "1 min 00 s"],
    [59.96, "1 min 00 s"],
    [125, "2 min 05 s"],
    [3660, "1 h 01 min"],
    [-1, "0.0 s"]
  ])("says that %f seconds are %s", (seconds, words) => {
    const job = golden("done with counts", { started_at: 1000, finished_at: 1000 + seconds });
    expect(toText(job)).toMatch(new RegExp(`DONE in ${words}$`, "m"));
  });

  it("cuts long names by whole characters", () => {
    expect(toText(golden("done with counts", { name: "😀".repeat(90) }))).toContain(`${"😀".repeat(79)}… ·`);
  });
});
