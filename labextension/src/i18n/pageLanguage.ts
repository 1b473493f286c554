/** Which language the page is in. */

/** Texts by the English ones; two of those that depend on a number, by the English one for 1. */
export type Catalogue = Readonly<Record<string, string | readonly string[]>>;

/** Where the extension says what language the application is in: the page itself may say another one. */
const KEY = Symbol.for("primwidgets.language");

/** `"de"`: the language of the application, else of the page, else of the browser. */
export function pageLanguage(): string {
  const { [KEY]: chosen } = globalThis as { [KEY]?: string };
  return (chosen ?? (document.documentElement.lang || navigator.language)).slice(0, 2).toLowerCase();
}

/** Says what language the application is in. */
export function noteLanguage(tag: string): void {
  (globalThis as { [KEY]?: string })[KEY] = tag;
}
