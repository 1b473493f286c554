import { describe, expect, it } from "vitest";

import cases from "../../tests/golden/text_cards.json";
import { toHtml, toText } from "../src/lab/outputs/storedText";
import { golden } from "./golden";

describe("the stored text of a job", () => {
  it.each(cases)("is what the kernel writes: $case", ({ case: name, text, html }) => {
    expect(toText(golden(name))).toBe(text);
    expect(toHtml(golden(name))).toBe(html);
  });

  it("says how long and how far as the live card does", () => {
    expect(toText(golden("done with counts", { started_at: 0, finished_at: 76 * 3600 }))).toMatch(/Done in 3 d 04 h$/m);
    expect(toText(golden("running with progress", { progress: 0.996 }))).toMatch(/Running 99 %$/m);
  });

  it("cuts long names by whole characters", () => {
    expect(toText(golden("done with counts", { name: "😀".repeat(90) }))).toContain(`${"😀".repeat(79)}… ·`);
  });
});
