/** Untrusted text, made fit to stand beside other texts. */

/** Characters of a short text. */
export const WORD_LIMIT = 600;

/** Characters that change the direction of the text after them, and that end the isolation which holds them in. */
export const OVERRIDES = /[\u202a-\u202e\u2066-\u2069]/g;

/** All that ends a line or a paragraph, which ends an isolation too. */
// eslint-disable-next-line no-control-regex
const LINE_ENDS = /\r\n|[\r\x0b\x0c\x85\u2028\u2029]/g;

/**
 * `text` with a bound and without direction overrides; empty for what is no text.
 *
 * @param tail - keeps the end instead of the beginning.
 */
export function drawableText(text: unknown, limit = WORD_LIMIT, tail = false): string {
  return typeof text === "string" ? withoutOverrides(cut(text, limit, tail)) : "";
}

/** `text` without what would move the text around it. */
export function withoutOverrides(text: string): string {
  return text.replace(OVERRIDES, "").replace(LINE_ENDS, "\n");
}

/** `value` with all texts in it made drawable. They have their bounds: it was read by a reader of `schema.ts`. */
export function drawableTree<T>(value: T): T {
  if (typeof value === "string") {
    return withoutOverrides(value) as T;
  }
  if (Array.isArray(value)) {
    return value.map(drawableTree) as T;
  }
  return isRecord(value)
    ? (Object.fromEntries(Object.entries(value).map(([name, one]) => [withoutOverrides(name), drawableTree(one)])) as T)
    : value;
}

/** Epoch seconds beyond which a number is no moment: the year 5138. */
const FAR = 1e11;

/** `value` where it is a moment in epoch seconds, else `null`. */
export function asMoment(value: unknown): number | null {
  return typeof value === "number" && Math.abs(value) < FAR ? value : null;
}

/** Whether `value` is an object with keys. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Half of a character outside the basic plane is no text, so none is left at the cut. */
function cut(text: string, limit: number, tail: boolean): string {
  if (text.length <= limit) {
    return text;
  }
  return tail
    ? `…${text.slice(1 - limit).replace(/^[\udc00-\udfff]/, "")}`
    : `${text.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
