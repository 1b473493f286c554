/**
 * What of a snapshot is drawn. A snapshot can come from a file and hold anything that has the wire form, or hardly that:
 * here each text, list and number gets a bound, so that no input makes a card that fails, hangs or has no end.
 */
import { drawableGroup } from "./drawableGroup";
import { drawablePreview } from "./drawablePreview";
import { drawableRun } from "./drawableRun";
import { asMoment, drawableText, isRecord, WORD_LIMIT } from "../wire/drawableText";
import { drawableChain } from "./drawableChain";
import type { JobError, JobSnapshot, Series, TextMap } from "../wire/snapshot";
import { strings } from "../i18n/strings";

/** Characters of the longer fields: twice what the kernel sends, which counts differently. */
const LONG: Readonly<Record<string, number>> = { message: 8_000, cancel_detail: 8_000, log: 8_000 };
const TRACEBACK_LIMIT = 80_000;
const ENTRY_LIMIT = 64;

/** A snapshot does not change, and is drawn many times. */
const drawn = new WeakMap<JobSnapshot, JobSnapshot>();

/** The part of `snapshot` that a card can show; equal to it for all that the kernel sends. */
export function drawable(snapshot: JobSnapshot): JobSnapshot {
  let known = drawn.get(snapshot);
  if (!known) {
    const fields = Object.entries(snapshot).map(([field, value]) => [field, drawableField(field, value)]);
    known = Object.fromEntries(fields) as JobSnapshot;
    drawn.set(snapshot, known);
  }
  return known;
}

/** The first entries, and how many more there are. */
export function drawableTexts(texts: TextMap): TextMap {
  const all = Object.entries(texts as Readonly<Record<string, unknown>>);
  const shown = all.slice(0, ENTRY_LIMIT).map(([name, text]) => [drawableText(name), drawableText(text)]);
  const more = all.length - shown.length;
  return Object.fromEntries(more > 0 ? [...shown, ["…", strings.morePoints(more)]] : shown) as TextMap;
}

function drawableField(field: string, value: unknown): unknown {
  if (typeof value === "string") {
    return drawableText(value, LONG[field] ?? WORD_LIMIT, field === "log");
  }
  if (typeof value === "number") {
    return field === "progress" ? Math.min(1, Math.max(0, value)) : asMoment(value);
  }
  if (field === "series") {
    return (value as readonly Series[]).map(one => ({ ...one, name: drawableText(one.name) }));
  }
  if (!isRecord(value)) {
    return value;
  }
  switch (field) {
    case "error":
      return drawableError(value);
    case "group":
      return drawableGroup(value);
    case "result_preview":
      return drawablePreview(value);
    case "run":
      return drawableRun(value);
    default:
      return drawableTexts(value as TextMap);
  }
}

function drawableError({ type, message, traceback, chain }: Readonly<Record<string, unknown>>): JobError {
  return {
    type: drawableText(type),
    message: drawableText(message, LONG["message"]),
    traceback: typeof traceback === "string" ? drawableText(traceback, TRACEBACK_LIMIT, true) : null,
    chain: drawableChain(chain)
  };
}
