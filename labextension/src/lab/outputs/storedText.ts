/**
 * The job as text and as HTML without scripts, for other viewers of the notebook; the same as
 * `primwidgets/_jupyter/text_card.py`, which `tests/golden/text_cards.json` pins. Not translated: it is stored, not shown.
 */
import { OVERRIDES } from "../../wire/drawableText";
import { lengthOf } from "../../card/timeline";
import { formatDuration } from "../../i18n/duration";
import { formatPercentage } from "../../i18n/percentage";
import { isProcess, numberText, queuePlace, valueCount } from "../../i18n/number";
import { clip } from "../../wire/clip";
import { failureText, resultPicture, resultText } from "./storedOutcome";
import { isFinal, type CancelState, type JobSnapshot, type JobState, type TextMap } from "../../wire/snapshot";

const TITLE_LIMIT = 80;
const REMARK_LIMIT = 500;
/** Members of a group that are named because they failed. */
const FAILURES_SHOWN = 5;
const PRINTED_LIMIT = 1000;
const PRINTED_LINES = 10;

/** Characters that make a terminal do something instead of showing something. */
// eslint-disable-next-line no-control-regex
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

const BOX = "border:1px solid #8888;border-left-width:4px;border-radius:4px;padding:.4em .8em;max-width:40em";
const REMARK = "white-space:pre-wrap;overflow-wrap:anywhere";

const IMAGE = "display:block;max-width:100%;margin-top:.4em";

const PRINTED = "margin-top:.4em;font-family:monospace";

const LOOKS: Readonly<Record<JobState, readonly [colour: string, sign: string]>> = {
  INITIALIZING: ["#757575", "○"],
  QUEUED: ["#757575", "◔"],
  RUNNING: ["#1976d2", "◑"],
  DONE: ["#2e7d32", "✓"],
  CANCELLED: ["#757575", "⊘"],
  ERROR: ["#d32f2f", "✗"]
};

const STATE_WORDS: Readonly<Record<JobState, string>> = {
  INITIALIZING: "Initializing",
  QUEUED: "Queued",
  RUNNING: "Running",
  DONE: "Done",
  CANCELLED: "Cancelled",
  ERROR: "Failed"
};

const CANCEL_WORDS: Readonly<Partial<Record<CancelState, string>>> = {
  REQUESTED: "Cancel requested.",
  REFUSED: "Cancel refused.",
  TOO_LATE: "Cancel came too late: it finished first."
};

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#x27;"
};

/** The card in one line, and more for each remark and for the end of what the job printed. */
export function toText(snapshot: JobSnapshot, seenAt: number | null = null): string {
  const headline = [titleOf(snapshot), placeOf(snapshot), stateLine(snapshot)].filter(Boolean).join(" · ");
  return [
    headline + caveat(snapshot, seenAt),
    ...remarksOf(snapshot),
    ...seriesOf(snapshot),
    ...outcomeOf(snapshot),
    ...printedBy(snapshot)
  ].join("\n");
}

/** The card as one HTML element; everything in it that came from outside is escaped. */
export function toHtml(snapshot: JobSnapshot, seenAt: number | null = null): string {
  const [colour, sign] = LOOKS[snapshot.state];
  const remarks = [...remarksOf(snapshot), ...seriesOf(snapshot)].map(
    remark => `<div style="${REMARK}">${escaped(remark)}</div>`
  );
  const picture = snapshot.state === "DONE" ? resultPicture(snapshot.result_preview) : null;
  const image = picture === null ? "" : `<img alt="Result" style="${IMAGE}" src="${escaped(picture)}">`;
  const printed = [...outcomeOf(snapshot), ...printedBy(snapshot)].map(
    text => `<div style="${REMARK};${PRINTED}">${escaped(text)}</div>`
  );
  const heading = `<strong><bdi>${escaped(titleOf(snapshot))}</bdi></strong> <bdi>${escaped(placeOf(snapshot))}</bdi>`;
  return (
    `<div class="primwidgets-static" style="${BOX};border-left-color:${colour}">` +
    `<div>${heading}</div>` +
    `<div><span aria-hidden="true" style="color:${colour}">${sign}</span> ${escaped(stateLine(snapshot) + caveat(snapshot, seenAt))}</div>` +
    `${remarks.join("")}${image}${printed.join("")}</div>`
  );
}

function titleOf({ name, job_id }: JobSnapshot): string {
  return line(name) || line(job_id) || "job";
}

function placeOf({ provider, backend }: JobSnapshot): string {
  return [provider, isProcess(backend) ? null : backend].map(line).filter(Boolean).join(", ");
}

function stateLine(snapshot: JobSnapshot): string {
  const { attempts } = snapshot;
  const attempt = attempts !== null && attempts.number > 1 ? ` (attempt ${attempts.number} of ${attempts.most})` : "";
  return snapshot.gone ? "Gone" : stateText(snapshot) + attempt;
}

function stateText(snapshot: JobSnapshot): string {
  const { state, progress, queue_position: position, being_cancelled: isCancelling } = snapshot;
  const word = isCancelling ? "Cancelling" : STATE_WORDS[state];
  if (isFinal(state)) {
    const seconds = lengthOf(snapshot);
    return seconds === null ? word : `${word} ${state === "DONE" ? "in" : "after"} ${formatDuration(seconds)}`;
  }
  if (state === "RUNNING" && progress !== null) {
    return `${word} ${formatPercentage(progress, state)}`;
  }
  return position === null ? word : `${word} (${queuePlace(line(position))})`;
}

/** What is stored is read later, when a job that had not ended may have. */
function caveat({ state }: JobSnapshot, seenAt: number | null): string {
  return isFinal(state) || seenAt === null ? "" : ` when last seen, ${minute(seenAt)}`;
}

function remarksOf(snapshot: JobSnapshot): readonly string[] {
  const { state, provider, cancel_state, cancel_detail, error, stale_since, started_at: began, attempts } = snapshot;
  const remarks = [
    isFinal(state) && began !== null ? `Started ${minute(began)}` : null,
    CANCEL_WORDS[cancel_state],
    cancel_state === "REQUESTED" || cancel_state === "REFUSED" ? cancel_detail : null,
    error && `${error.type}: ${error.message}`,
    attempts?.problem,
    latestFailure(attempts?.errors ?? {}),
    ...groupOf(snapshot),
    stale_since === null ? null : `No answer from ${line(provider)}.`
  ];
  return remarks.filter(remark => !!remark).map(remark => harmless(clip(remark ?? "", REMARK_LIMIT)));
}

/** Why the latest of the earlier attempts failed. */
function latestFailure(errors: TextMap): string | null {
  const latest = Object.keys(errors)
    .sort((a, b) => Number(a) - Number(b))
    .at(-1);
  return latest === undefined ? null : `Attempt ${latest}: ${errors[latest] ?? ""}`;
}

/** What a group consists of, and the first of its members that failed. */
function groupOf({ group, progress_text: counts }: JobSnapshot): readonly (string | null)[] {
  const failed = group?.members.filter(({ state }) => state === "ERROR").slice(0, FAILURES_SHOWN) ?? [];
  const more = (group?.failed ?? 0) - failed.length;
  const lines = failed.map(({ name, note }) => `✗ ${line(name)} · ${line(note)}`);
  return group ? [counts, ...lines, more > 0 ? `… and ${more.toLocaleString("en")} more that failed` : null] : [];
}

/** The numbers that the job reported: "energy −1.137 · best −1.138 · first −0.514 · 1,095 values". */
function seriesOf({ series }: JobSnapshot): readonly string[] {
  return series.map(({ name, latest, best, first, count }) => {
    const more = [`best ${numberText(best)}`, `first ${numberText(first)}`, valueCount(count)];
    return harmless(clip([`${name} ${numberText(latest)}`, ...(count > 1 ? more : [])].join(" · "), REMARK_LIMIT));
  });
}

/** What came out, or where it failed, as one text of several lines; nothing where neither is known. */
function outcomeOf({ state, error, result_preview: preview }: JobSnapshot): readonly string[] {
  return [state === "DONE" ? resultText(preview) : "", failureText(error)].filter(Boolean).map(harmless);
}

/** A moment in UTC, since the reader's time zone is unknown. */
function minute(moment: number): string {
  return new Date(moment * 1000).toISOString().replace(/^(.*)T(\d\d:\d\d).*$/, "$1 $2 UTC");
}

/** The last lines that the job printed, as one text; nothing where there is none. */
function printedBy({ log }: JobSnapshot): readonly string[] {
  const lines = (log ?? "").replace(/^\n+|\n+$/g, "").split("\n");
  const text = (lines.length > PRINTED_LINES ? ["…", ...lines.slice(-PRINTED_LINES)] : lines).join("\n");
  return text === "" ? [] : [harmless(clip(text, PRINTED_LIMIT, true))];
}

/** Untrusted text as a part of a line. */
function line(text: string | null): string {
  return clip(
    harmless(text ?? "")
      .split(/\s+/)
      .filter(Boolean)
      .join(" "),
    TITLE_LIMIT
  );
}

function harmless(text: string): string {
  return text.replace(OVERRIDES, "").replace(CONTROL, "\ufffd");
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, character => ENTITIES[character] ?? character);
}
