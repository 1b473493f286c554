import { expect, it } from "vitest";

import { strings } from "../src/i18n/strings";
import { golden } from "./golden";

it.each([
  [0, "0"],
  [0.97, "0.97"],
  [-0.31, "−0.31"],
  [1 / 3, "0.3333"],
  [-1234.56, "−1235"],
  [0.000012345, "1.23e−5"],
  [123456, "1.23e+5"]
])("%d is shown as %s", (value, text) => {
  expect(strings.significant(value)).toBe(text);
});

it("shows an error only where there is one", () => {
  expect(strings.plusMinus(0.97, 0.02)).toBe("0.97 ± 0.02");
  expect(strings.plusMinus(0.02, null)).toBe("0.02");
});

it("calls a card by the job's name and provider, and by its id where it has no name", () => {
  expect(strings.cardName(golden("queued behind many"))).toBe("bell pair, Amazon Braket");
  expect(strings.cardName(golden("failed"))).toBe("f, Dask");
  expect(strings.cardName(golden("failed", { job_id: "", provider: "" }))).toBe("Job");
});
