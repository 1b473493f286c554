import { afterEach, expect, it } from "vitest";

import { strings } from "../src/i18n/strings";
import { trans, translateWith } from "../src/i18n/translation";

afterEach(() => {
  translateWith(null);
});

it("speaks English with the values filled in", () => {
  expect(trans.__("%1 of %2", 3, "%1")).toBe("3 of %1");
});

it("tells one from many", () => {
  expect(trans._n("%1 job in %2", "%1 jobs in %2", 1, "a")).toBe("1 job in a");
  expect(trans._n("%1 job in %2", "%1 jobs in %2", 0, "a")).toBe("0 jobs in a");
});

it("lets the card speak the language of the page from the moment on that it is known", () => {
  translateWith({ __: text => text.toUpperCase(), _n: (_one, many) => many.toUpperCase() });
  expect(strings.CANCEL).toBe("CANCEL");
  expect(strings.STATE_WORDS.ERROR).toBe("FAILED");
  expect(strings.shots(3)).toBe("%1 SHOTS");
});
