/** The user's language: that of the application, else that of the page. Where there is no catalogue for it, English. */

import { englishOrdinal } from "./number";
import type { Catalogue } from "./pageLanguage";

/** The part of JupyterLab's translation bundle that is used here; its source texts are English. */
export interface ITexts {
  /** The text with `%1`, `%2`, … filled in. */
  __(text: string, ...values: readonly unknown[]): string;
  /** The one or the other text, by `count`, which is `%1` in both. */
  _n(one: string, many: string, count: number, ...values: readonly unknown[]): string;
}

/** The texts in the user's language. Read it when a text is shown, not when a module is loaded. */
export let trans: ITexts = textsOf({}, "en");

let catalogue: Catalogue = {};
let language = "en";
/** The texts of the catalogue with places for values, and what matches a sentence made of each. */
let patterns: readonly (readonly [text: string, pattern: RegExp])[] = [];

/** Takes the texts from `bundle` from now on; from here again where it is `null`. */
export function translateWith(bundle: ITexts | null): void {
  choose({}, "en");
  trans = bundle ?? trans;
}

/** Speaks the language of `texts` from now on; `tag` names it, such as `"de"`. */
export function speak(tag: string, texts: Catalogue): void {
  choose(texts, tag);
}

function choose(texts: Catalogue, tag: string): void {
  [catalogue, language, trans] = [texts, tag, textsOf(texts, tag)];
  const withPlaces = Object.keys(texts).filter(text => text.includes("%1"));
  patterns = withPlaces.map(text => [text, patternOf(text)]);
}

/** What the kernel says, whose English sentences are in the catalogue, too; others stay as they are. */
export function translated(sentences: string): string {
  return Object.keys(catalogue).length === 0 ? sentences : sentences.split(" · ").map(sentence).join(" · ");
}

/** A number that is text already, with the decimal mark of the language. */
export function decimal(text: string): string {
  return language === "de" ? text.replace(/(\d)\.(?=\d)/, "$1,") : text;
}

/** A place in an order: "3rd"; the bare number where the language is not English. */
export function ordinal(place: string): string {
  return language === "en" ? englishOrdinal(place) : place;
}

function textsOf(texts: Catalogue, tag: string): ITexts {
  const found = (text: string, at: number, otherwise: string): string => {
    const known = texts[text];
    return (typeof known === "string" ? known : known?.[at]) ?? otherwise;
  };
  const fill = (text: string, values: readonly unknown[]): string =>
    text.replace(/%(\d)/g, (_place, number: string) => {
      const value = values[Number(number) - 1];
      return typeof value === "number" ? value.toLocaleString(tag) : String(value);
    });
  return {
    __: (text, ...values) => fill(found(text, 0, text), values),
    _n: (one, many, count, ...values) =>
      fill(found(one, count === 1 ? 0 : 1, count === 1 ? one : many), [count, ...values])
  };
}

function sentence(said: string): string {
  if (Object.hasOwn(catalogue, said)) {
    // eslint-disable-next-line jupyter/no-dynamic-translation -- it is a key of the catalogue
    return trans.__(said);
  }
  for (const [text, pattern] of patterns) {
    const values = pattern.exec(said);
    if (values) {
      // eslint-disable-next-line jupyter/no-dynamic-translation -- it is a key of the catalogue
      return trans.__(text, ...values.slice(1).map(value => decimal(value)));
    }
  }
  return said;
}

/** Matches what is made of `text`, whose places take numbers and single words alone: a user's own sentence is none. */
function patternOf(text: string): RegExp {
  const parts = text.split(/%\d/).map(part => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("([\\w.,%]+)")}$`);
}
