import { expect, it } from "vitest";

import cases from "../../tests/golden/reattach.json";
import { reattachCode } from "../src/card/reattach";
import type { TextMap } from "../src/wire/snapshot";

it.each(cases)("is what primwidgets itself writes, or nothing: $case", ({ locator, code }) => {
  expect(reattachCode({ locator: locator })).toBe(code);
});

it.each([[[]], ["x"], [{ provider: 7 }], [{ provider: "qiskit_ibm_runtime", job_id: {} }]])(
  "is nothing where a file has %j in place of a locator",
  locator => {
    expect(reattachCode({ locator: locator as unknown as TextMap })).toBeNull();
  }
);
