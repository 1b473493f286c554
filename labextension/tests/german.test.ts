/** The German catalogue: complete, with the places of the English texts, and used for what the kernel says, too. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import GERMAN from "../src/i18n/german.json";
import { strings } from "../src/i18n/strings";
import { speak, trans, translated, translateWith } from "../src/i18n/translation";
import { golden } from "./golden";
import { FakeModel } from "./fakes";
import { buttons, press, show, turnTimeByHand } from "./page";

const CATALOGUE: Readonly<Record<string, string | readonly string[]>> = GERMAN;
const SOURCE = join(import.meta.dirname, "../src");

turnTimeByHand();

beforeEach(() => {
  speak("de", GERMAN);
});

afterEach(() => {
  translateWith(null);
});

/** The English texts in the source, by the call that they are in. */
function textsOfSource(): readonly (readonly [call: string, text: string])[] {
  const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter(name => /\.tsx?$/.test(name));
  return files.flatMap(name => {
    const code = readFileSync(join(SOURCE, name), "utf8");
    const calls = code.matchAll(/\btrans\.(__|_n)\(\s*"((?:[^"\\]|\\.)*)"/g);
    return [...calls].map(([, call = "", text = ""]) => [call, text.replaceAll('\\"', '"')] as const);
  });
}

function placesOf(text: string): readonly string[] {
  return [...new Set(text.match(/%\d/g) ?? [])].sort();
}

it("has each text of the page", () => {
  const missing = textsOfSource().filter(([call, text]) => text !== "%1" && lacks(call, text));
  expect(textsOfSource().length).toBeGreaterThan(150);
  expect(missing).toEqual([]);
});

function lacks(call: string, text: string): boolean {
  const known = CATALOGUE[text];
  return known === undefined || (call === "_n" && (typeof known === "string" || known.length !== 2));
}

it.each(Object.entries(CATALOGUE))("fills in what the English text fills in: %s", (english, german) => {
  for (const text of [german].flat()) {
    expect(placesOf(text)).toEqual(placesOf(english));
  }
});

describe("numbers", () => {
  it("have the digits and the decimal mark of the language", () => {
    expect(strings.valueCount(1095)).toBe("1.095 Werte");
    expect(strings.significant(0.31)).toBe("0,31");
    expect(strings.duration(12.34)).toBe("12,3 s");
    expect(strings.queuePosition("3")).toBe("Warteplatz 3");
  });

  it("are grouped in English as well", () => {
    translateWith(null);
    expect(strings.valueCount(1095)).toBe("1,095 values");
    expect(strings.queuePosition("3")).toBe("3rd in queue");
    expect(trans._n("%1 job", "%1 jobs", 12_000)).toBe("12,000 jobs");
  });
});

describe("what the kernel says", () => {
  it.each([
    ["This provider cannot cancel jobs.", "Dieser Anbieter kann Jobs nicht abbrechen."],
    ["37 of 50 done · 2 failed · 11 running", "37 von 50 fertig · 2 fehlgeschlagen · 11 laufen"],
    ["3 of 7 circuits", "3 von 7 Schaltkreisen"],
    ["41 it/s", "41 Schritte/s"]
  ])("is looked up: %s", (said, german) => {
    expect(translated(said)).toBe(german);
  });

  it.each(["My own words", "all of the work done", "a (strange [text", "loss: 3 failed attempts", ""])(
    "is left as it is where it is no sentence of ours: %s",
    said => {
      expect(translated(said)).toBe(said);
    }
  );

  it("is English where no catalogue is", () => {
    translateWith(null);
    expect(translated("3 of 7 circuits")).toBe("3 of 7 circuits");
  });
});

it("is spoken by the card, its details and the group's counts", () => {
  const card = show(new FakeModel(golden("a group of jobs")));
  press(card, "Details");
  expect(card.textContent).toContain("37 von 50 fertig · 2 fehlgeschlagen · 11 laufen");
  expect(card.textContent).toContain("und 46 weitere Jobs");
});

it("is on the buttons as well", () => {
  expect(buttons(show(new FakeModel(golden("running with progress"))))).toEqual(["Abbrechen"]);
});
