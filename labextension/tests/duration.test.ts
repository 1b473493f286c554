import { expect, it } from "vitest";

import { formatElapsed, formatRough } from "../src/i18n/duration";

it.each([
  [-1, "0 s"],
  [0.9, "0 s"],
  [12.9, "12 s"],
  [59.99, "59 s"],
  [65.2, "1 min 05 s"],
  [3600, "1 h 00 min"]
])("%d seconds so far are %s", (seconds, text) => {
  expect(formatElapsed(seconds)).toBe(text);
});

it.each([
  [12.9, "12 s"],
  [69, "1 min"],
  [100, "2 min"],
  [3599, "1 h 00 min"],
  [3900, "1 h 05 min"]
])("about %d seconds are %s", (seconds, text) => {
  expect(formatRough(seconds)).toBe(text);
});
