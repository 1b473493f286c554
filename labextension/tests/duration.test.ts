import { expect, it } from "vitest";

import { formatDuration, formatElapsed, formatRough } from "../src/duration";

it.each([
  [-3, "<0.1 s"],
  [0.04, "<0.1 s"],
  [0.4, "0.4 s"],
  [12.34, "12.3 s"],
  [59.94, "59.9 s"],
  [59.96, "1 min 00 s"],
  [125.4, "2 min 05 s"],
  [3599.4, "59 min 59 s"],
  [3599.7, "1 h 00 min"],
  [3660, "1 h 01 min"],
  [86399, "23 h 59 min"],
  [86400 * 3 + 4 * 3600, "3 d 04 h"]
])("a duration of %d seconds is %s", (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

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
