/** The columns of the board: what each of them says of a job, how jobs are sorted by it, and the table as a file. */
import type { IHubJob } from "../hub/tokens";
import { formatElapsed } from "../i18n/duration";
import { formatPercentage } from "../i18n/percentage";
import { strings } from "../i18n/strings";
import { trans } from "../i18n/translation";
import { JOB_KINDS, kindOf } from "../lab/jobKind";
import { isFinal, type JobSnapshot } from "../wire/snapshot";

export const COLUMNS = ["state", "name", "where", "submitted", "queue", "run", "progress", "info"] as const;
export type Column = (typeof COLUMNS)[number];

/** A column and a direction. */
export type SortOrder = Readonly<{ column: Column; ascending: boolean }>;

/** "step 9" comes before "step 10". */
const NAMES = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

export function headingOf(column: Column): string {
  switch (column) {
    case "state":
      return trans.__("State");
    case "name":
      return trans.__("Name");
    case "where":
      return trans.__("Where");
    case "submitted":
      return trans.__("Submitted");
    case "queue":
      return trans.__("Queued");
    case "run":
      return trans.__("Ran");
    case "progress":
      return trans.__("Progress");
    case "info":
      return trans.__("Message");
  }
}

/** What a column says of a job. `now` is epoch seconds. */
export function textOf(column: Column, { snapshot }: IHubJob, now: number): string {
  switch (column) {
    case "state":
      return strings.STATE_WORDS[snapshot.state];
    case "name":
      return strings.titleOf(snapshot);
    case "where":
      return [snapshot.provider, snapshot.backend].filter(Boolean).join(" · ");
    case "submitted":
      return snapshot.created_at === null ? "" : momentText(snapshot.created_at, now);
    case "queue":
      return lengthText(queueSeconds(snapshot, now), snapshot.started_at !== null || isFinal(snapshot.state));
    case "run":
      return lengthText(runSeconds(snapshot, now), isFinal(snapshot.state));
    case "progress":
      return snapshot.progress === null ? "" : formatPercentage(snapshot.progress, snapshot.state);
    case "info":
      return infoOf(snapshot);
  }
}

/** Seconds between the submission and the start, so far; `null` if unknown. */
export function queueSeconds({ created_at, started_at, finished_at }: JobSnapshot, now: number): number | null {
  return created_at === null ? null : Math.max(0, (started_at ?? finished_at ?? now) - created_at);
}

/** Seconds since the start, until the end; `null` of a job that did not start. */
export function runSeconds({ started_at, finished_at }: JobSnapshot, now: number): number | null {
  return started_at === null ? null : Math.max(0, (finished_at ?? now) - started_at);
}

/** The jobs in that order; those that are equal in it stay as they are, the newest first. */
export function sortJobs(jobs: readonly IHubJob[], order: SortOrder, now: number): readonly IHubJob[] {
  const sign = order.ascending ? 1 : -1;
  const keyed = jobs.map(job => ({ job, key: keyOf(order.column, job, now) }));
  return keyed.sort((a, b) => sign * compare(a.key, b.key) || created(b.job) - created(a.job)).map(({ job }) => job);
}

/** The jobs as comma-separated values, with a line of headings. */
export function csvOf(jobs: readonly IHubJob[], now: number): string {
  const headings = ["name", "job_id", "state", "provider", "backend", "created_at", "queue_seconds", "run_seconds"];
  const lines = jobs.map(({ snapshot: job }) => [
    job.name ?? "",
    job.job_id,
    job.state,
    job.provider,
    job.backend ?? "",
    job.created_at === null ? "" : new Date(job.created_at * 1000).toISOString(),
    isFinal(job.state) || job.started_at !== null ? number(queueSeconds(job, now)) : "",
    isFinal(job.state) ? number(runSeconds(job, now)) : "",
    number(job.progress),
    infoOf(job)
  ]);
  return (
    [[...headings, "progress", "message"], ...lines].map(line => line.map(csvField).join(",")).join("\r\n") + "\r\n"
  );
}

function number(value: number | null): string {
  return value === null ? "" : String(Math.round(value * 1000) / 1000);
}

/** A text that begins like a formula is none: a spreadsheet would evaluate it. */
function csvField(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replace(/"/g, '""')}"` : plain;
}

function infoOf({ error, message, progress_text: counts }: JobSnapshot): string {
  return (error ? strings.errorLine(error) : strings.translated(message ?? counts ?? "")).replace(/\s+/g, " ").trim();
}

function keyOf(column: Column, job: IHubJob, now: number): string | number {
  const { snapshot } = job;
  switch (column) {
    case "state":
      return JOB_KINDS.indexOf(kindOf(job));
    case "submitted":
      return created(job);
    case "queue":
      return queueSeconds(snapshot, now) ?? -1;
    case "run":
      return runSeconds(snapshot, now) ?? -1;
    case "progress":
      return snapshot.progress ?? -1;
    case "name":
    case "where":
    case "info":
      return textOf(column, job, now);
  }
}

function compare(a: string | number, b: string | number): number {
  return typeof a === "number" && typeof b === "number" ? a - b : NAMES.compare(String(a), String(b));
}

function created({ snapshot }: IHubJob): number {
  return snapshot.created_at ?? 0;
}

function lengthText(seconds: number | null, isOver: boolean): string {
  return seconds === null ? "" : isOver ? strings.duration(seconds) : formatElapsed(seconds);
}

function momentText(at: number, now: number): string {
  const date = new Date(at * 1000);
  const isToday = date.toDateString() === new Date(now * 1000).toDateString();
  return isToday ? date.toLocaleTimeString() : date.toLocaleDateString();
}
