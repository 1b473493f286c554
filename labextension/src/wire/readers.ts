/** What the generated schema is made of: readers of values that may come from anywhere; see `primwidgets/wire.py`. */
import { clip } from "./clip";

/** The value, cut to its bounds and without what is not known; `undefined` where it does not fit. */
export type Reader<T> = (value: unknown) => T | undefined;

/** The readers of an object's fields. */
export type Fields<T> = Readonly<{ [K in keyof T]-?: Reader<T[K]> }>;

/** Text of at most `limit` characters; longer text is cut, at its beginning where `tail` is set. */
export const text =
  (limit: number, tail?: boolean): Reader<string> =>
  value =>
    typeof value === "string" ? clip(value, limit, tail) : undefined;

/** Text that names something and is never cut. */
export const identifier =
  (limit: number): Reader<string> =>
  value =>
    typeof value === "string" && clip(value, limit) === value ? value : undefined;

export const number =
  (low: number, high: number, whole?: boolean): Reader<number> =>
  value =>
    typeof value === "number" && value >= low && value <= high && (!whole || Number.isInteger(value))
      ? value
      : undefined;

export const flag: Reader<boolean> = value => (typeof value === "boolean" ? value : undefined);

export const oneOf =
  <T extends string>(words: readonly T[]): Reader<T> =>
  value =>
    words.find(word => word === value);

export const constant = <T extends string>(word: T): Reader<T> => oneOf([word]);

/** The first `entries` of an object of texts. */
export const textMap =
  (entries: number, limit: number): Reader<Readonly<Record<string, string>>> =>
  value => {
    const pairs = isRecord(value) ? Object.entries(value).slice(0, entries) : [[]];
    const known = pairs.map(pair => pair.map(text(limit)));
    return known.every(([, one]) => one !== undefined) ? Object.fromEntries(known as [string, string][]) : undefined;
  };

/** A list of at most `limit` items; what a longer one leaves out would have to be counted. */
export const listOf =
  <T>(item: Reader<T>, limit: number): Reader<readonly T[]> =>
  value => {
    const items = Array.isArray(value) && value.length <= limit ? value.map(item) : [undefined];
    return items.includes(undefined) ? undefined : (items as T[]);
  };

/** A list of at most `limit` numbers from `low` to `high`; with `gaps` some may be `null`. */
export const numbers =
  <T extends number | null = number>(limit: number, low: number, high: number, gaps?: boolean): Reader<readonly T[]> =>
  value =>
    listOf(gaps ? orNull(number(low, high)) : number(low, high), limit)(value) as readonly T[] | undefined;

export const orNull =
  <T>(read: Reader<T>): Reader<T | null> =>
  value =>
    (value ?? null) === null ? null : read(value);

/** `fallback` where the value is missing or does not fit. */
export const orElse =
  <T, F>(fallback: F, read: Reader<T>): Reader<T | F> =>
  value =>
    read(value) ?? fallback;

/** `fallback` where the value is missing. */
export const whenMissing =
  <T, F>(fallback: F, read: Reader<T>): Reader<T | F> =>
  value =>
    value === undefined ? fallback : read(value);

/** An object with these fields, each of which has to fit; others are left out. */
export const record =
  <T>(fields: Fields<T>): Reader<T> =>
  value => {
    const pairs = Object.entries<Reader<unknown>>(fields).map(
      ([name, read]) => [name, isRecord(value) ? read(value[name]) : undefined] as const
    );
    return pairs.some(pair => pair[1] === undefined) ? undefined : (Object.fromEntries(pairs) as T);
  };

/** One of several objects, named by its field `kind`. */
export const choice =
  <T extends Readonly<Record<string, unknown>>>(records: Fields<T>): Reader<T[keyof T]> =>
  value => {
    const kind = isRecord(value) && value["kind"];
    return typeof kind === "string" && Object.hasOwn(records, kind) ? records[kind as keyof T](value) : undefined;
  };

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
