/** The table that Python's tests read, too. */
import { describe, expect, it } from "vitest";

import formats from "../../tests/golden/formats.json";
import { howFar, howLong } from "../src/card/cardFacts";
import { lengthOf } from "../src/card/timeline";
import { formatDuration } from "../src/i18n/duration";
import { queuePlace, valueCount } from "../src/i18n/number";
import { formatPercentage } from "../src/i18n/percentage";
import { strings } from "../src/i18n/strings";
import { toText } from "../src/lab/outputs/storedText";
import type { JobState } from "../src/wire/snapshot";
import { golden } from "./golden";

const UI = { open: false, sent: {}, requestedAt: null, progress: null };

it.each(formats.durations)("a duration of $seconds seconds is $text", ({ seconds, text }) => {
  expect(formatDuration(seconds)).toBe(text);
});

it.each(formats.percentages)("a progress of $progress is $text when $state", ({ progress, state, text }) => {
  expect(formatPercentage(progress, state as JobState)).toBe(text);
});

it.each(formats.lengths)("a job took $seconds seconds where $case", ({ fields, seconds }) => {
  expect(lengthOf(golden("cancel confirmed", fields))).toBe(seconds);
});

it.each(formats.numbers)("$value is $text", ({ value, text }) => {
  expect(strings.value(value)).toBe(text);
});

it.each(formats.value_counts)("$count values are $text", ({ count, text }) => {
  expect(strings.valueCount(count)).toBe(text);
  expect(valueCount(count)).toBe(text);
});

it.each(formats.queue_positions)("position $position is $text", ({ position, text }) => {
  expect(strings.queuePosition(position)).toBe(text);
  expect(queuePlace(position)).toBe(text);
});

describe("the live card and the stored text", () => {
  it.each(formats.percentages.filter(({ state }) => state === "RUNNING"))(
    "agree on $progress",
    ({ progress, text }) => {
      const job = golden("running with progress", { progress });
      expect(howFar(job)[0]).toBe(text);
      expect(toText(job).split("\n")[0]).toMatch(new RegExp(`Running ${text}$`));
    }
  );

  it.each(formats.lengths.filter(({ seconds }) => seconds !== null))("agree on how long where $case", ({ fields }) => {
    const job = golden("cancel confirmed", fields);
    const [text] = howLong(job, UI, 0);
    expect(toText(job).split("\n")[0]).toMatch(new RegExp(`Cancelled after ${text}$`));
  });
});
