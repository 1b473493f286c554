/** The user's language. English, until the application hands over its translations. */

/** The part of JupyterLab's translation bundle that is used here; its source texts are English. */
export interface ITexts {
  /** The text with `%1`, `%2`, … filled in. */
  __(text: string, ...values: readonly unknown[]): string;
  /** The one or the other text, by `count`, which is `%1` in both. */
  _n(one: string, many: string, count: number, ...values: readonly unknown[]): string;
}

const ENGLISH: ITexts = {
  __: fill,
  _n: (one, many, count, ...values) => fill(count === 1 ? one : many, count, ...values)
};

/** The texts in the user's language. Read it when a text is shown, not when a module is loaded. */
export let trans: ITexts = ENGLISH;

/** Takes the texts from `bundle` from now on; from here again where it is `null`. */
export function translateWith(bundle: ITexts | null): void {
  trans = bundle ?? ENGLISH;
}

function fill(text: string, ...values: readonly unknown[]): string {
  return text.replace(/%(\d)/g, (_place, number: string) => String(values[Number(number) - 1]));
}
