/** What Jupyter's server answers about the jobs of its ledger. A file may hold anything: what does not fit is left out. */
import { isRecord, number, oneOf, orElse, record, text, textMap, type Reader } from "../../wire/readers";
import type { JobState } from "../../wire/snapshot";

/** The most jobs that are asked for and taken from an answer. */
export const MOST_EARLIER = 200;

const TEXT = 400;
const UID = /^[^/?#]{1,200}$/;
/** Later than any job, and within what a date can be. */
const LATEST = 8.6e12;
const STATES: readonly JobState[] = ["INITIALIZING", "QUEUED", "RUNNING", "DONE", "CANCELLED", "ERROR"];

/** A job of the ledger. Unknown is empty or `null`; the time is in epoch seconds. */
export interface IEarlierJob {
  readonly uid: string;
  readonly name: string;
  readonly job_id: string;
  readonly provider: string;
  readonly state: JobState;
  readonly notebook: string;
  readonly created_at: number | null;
  readonly error: string;
  readonly locator: Readonly<Record<string, string>> | null;
}

const word = orElse("", text(TEXT));

const readJob: Reader<IEarlierJob> = record<IEarlierJob>({
  uid: value => (typeof value === "string" && UID.test(value) ? value : undefined),
  name: word,
  job_id: word,
  provider: word,
  state: oneOf(STATES),
  notebook: word,
  created_at: orElse(null, number(0, LATEST)),
  error: word,
  locator: orElse(null, textMap(20, TEXT))
});

/** The jobs of an answer, each once; `null` where it is none. */
export function readEarlierJobs(answer: unknown): readonly IEarlierJob[] | null {
  const jobs = isRecord(answer) ? answer["jobs"] : null;
  if (!Array.isArray(jobs)) {
    return null;
  }
  const known = jobs.slice(0, MOST_EARLIER).flatMap(value => readJob(value) ?? []);
  return [...new Map(known.map(job => [job.uid, job])).values()];
}
