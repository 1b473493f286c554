/** The attempts of a call that is started again when it fails, or has a time limit, on its card. */
import { afterEach, describe, expect, it } from "vitest";

import GERMAN from "../src/i18n/german.json";
import { speak, translateWith } from "../src/i18n/translation";
import type { AttemptSummary, JobSnapshot } from "../src/wire/snapshot";
import { FakeModel } from "./fakes";
import { golden } from "./golden";
import { notes, press, show, turnTimeByHand, update } from "./page";

turnTimeByHand();

afterEach(() => {
  translateWith(null);
});

const SECOND: AttemptSummary = { number: 2, most: 3, errors: { "1": "OSError: no route" }, problem: null };

function card(attempts: Partial<AttemptSummary> | null, like = "running with progress"): HTMLElement {
  const change: Partial<JobSnapshot> = { attempts: attempts && { ...SECOND, ...attempts } };
  return show(new FakeModel(golden(like, change)));
}

function subtitle(shown: HTMLElement): string {
  return shown.querySelector(".primwidgets-JobCard-subtitle")?.textContent ?? "";
}

describe("The attempt", () => {
  it("stands beside the state", () => {
    expect(subtitle(card({}))).toMatch(/^Running · attempt 2 of 3 · /);
  });

  it.each([
    ["the first one was enough", { number: 1, errors: {} }, "done with counts"],
    ["there is only one", { number: 1, most: 1, errors: {} }, "running with progress"],
    ["the job has none", null, "running with progress"]
  ] as const)("is not named where %s", (_, attempts, like) => {
    expect(subtitle(card(attempts, like))).not.toContain("attempt");
  });

  it("is named while the first of several runs, and after further ones were needed", () => {
    expect(subtitle(card({ number: 1, errors: {} }))).toContain("attempt 1 of 3");
    expect(subtitle(card({ number: 3 }, "failed"))).toContain("attempt 3 of 3");
  });

  it("is announced when it begins", () => {
    const model = new FakeModel(golden("running with progress", { attempts: { ...SECOND, number: 1, errors: {} } }));
    const shown = show(model);
    update(model, { attempts: SECOND });
    expect(shown.querySelector("[role=status]")?.textContent).toBe("Running. attempt 2 of 3");
  });
});

describe("The errors of earlier attempts", () => {
  it("are a note while the job goes on: the latest of them", () => {
    expect(notes(card({ number: 11, most: 20, errors: { "9": "nine", "10": "ten" } }))).toContain("Attempt 10: ten");
  });

  it("are no note of an ended job, which has a reason of its own or needs none", () => {
    expect(notes(card({}, "done with counts")).join()).not.toContain("Attempt 1");
  });

  it("are all in the details, in their order", () => {
    const shown = card({ number: 11, most: 20, errors: { "10": "ten", "9": "<b>nine</b>" } }, "done with counts");
    press(shown, "Details");
    const section = shown.querySelector("[aria-label='Earlier attempts']");
    const rows = [...(section?.querySelectorAll("dt, dd") ?? [])].map(row => row.textContent);
    expect(rows).toEqual(["Attempt 9", "<b>nine</b>", "Attempt 10", "ten"]);
  });
});

describe("A call that runs too long", () => {
  const PROBLEM = "Its timeout of 0.5 s has passed. Its process is being stopped.";

  it("says so", () => {
    expect(notes(card({ most: 1, number: 1, errors: {}, problem: PROBLEM }))).toContain(PROBLEM);
  });

  it("says so in the language of the page", () => {
    speak("de", GERMAN);
    const shown = card({ problem: PROBLEM });
    expect(notes(shown)).toContain("Das Zeitlimit von 0,5 s ist überschritten. Der Prozess wird beendet.");
    expect(subtitle(shown)).toContain("Versuch 2 von 3");
    expect(notes(shown)).toContain("Versuch 1: OSError: no route");
  });
});
