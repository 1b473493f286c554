/** Which jobs the sidebar shows, and in which order. */
import type { IHubJob, IHubKernel } from "../../hub/tokens";
import { strings } from "../../i18n/strings";
import { JOB_KINDS, kindOf, type JobKind } from "../jobKind";

export const SORT_ORDERS = ["newest", "oldest", "state", "name"] as const;
export type SortOrder = (typeof SORT_ORDERS)[number];

/** What to show; an empty list of kinds means all kinds. */
export type JobQuery = Readonly<{ text: string; kinds: readonly JobKind[]; order: SortOrder }>;

/** The jobs of one notebook or console. `key` stays the same when its kernel is replaced by another one. */
export type JobGroup = Readonly<{ key: string; kernel: IHubKernel; jobs: readonly IHubJob[] }>;

type Compare = (a: IHubJob, b: IHubJob) => number;

const newest: Compare = (a, b) => createdAt(b) - createdAt(a);

const COMPARE: Readonly<Record<SortOrder, Compare>> = {
  newest,
  oldest: (a, b) => createdAt(a) - createdAt(b),
  state: (a, b) => JOB_KINDS.indexOf(kindOf(a)) - JOB_KINDS.indexOf(kindOf(b)) || newest(a, b),
  name: (a, b) => NAMES.compare(strings.titleOf(a.snapshot), strings.titleOf(b.snapshot)) || newest(a, b)
};

/** "step 9" comes before "step 10". */
const NAMES = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** Whether the query leaves any job out. */
export function isFiltered({ text, kinds }: JobQuery): boolean {
  return text.trim() !== "" || kinds.length > 0;
}

/** The jobs in which every word of the query's text occurs, of the query's kinds, sorted. */
export function findJobs(
  jobs: readonly IHubJob[],
  kernels: readonly IHubKernel[],
  query: JobQuery
): readonly IHubJob[] {
  const words = query.text.toLowerCase().split(/\s+/).filter(Boolean);
  const paths = new Map(kernels.map(kernel => [kernel.id, kernel.path]));
  const fits = (job: IHubJob): boolean =>
    (query.kinds.length === 0 || query.kinds.includes(kindOf(job))) && holds(job, paths.get(job.kernelId), words);
  return jobs.filter(fits).sort(COMPARE[query.order]);
}

/**
 * The jobs by notebook: first those of the kernel `front`, then by the notebooks' names. Kernels without a job here are
 * left out unless they are a problem.
 */
export function groupJobs(
  jobs: readonly IHubJob[],
  kernels: readonly IHubKernel[],
  front: string | null = null
): readonly JobGroup[] {
  const behind = ({ kernel }: JobGroup): number => (kernel.id === front ? 0 : 1);
  const byKernel = new Map<string, IHubJob[]>();
  for (const job of jobs) {
    const own = byKernel.get(job.kernelId);
    if (own) {
      own.push(job);
    } else {
      byKernel.set(job.kernelId, [job]);
    }
  }
  return kernels
    .map(kernel => ({ key: groupKey(kernel), kernel, jobs: byKernel.get(kernel.id) ?? [] }))
    .filter(({ jobs: own, kernel }) => own.length > 0 || kernel.versionProblem)
    .sort(
      (a, b) =>
        behind(a) - behind(b) ||
        NAMES.compare(a.kernel.name, b.kernel.name) ||
        NAMES.compare(a.kernel.path, b.kernel.path)
    );
}

function groupKey({ id, type, path, connection }: IHubKernel): string {
  // A notebook can have one kernel that is alive, and any number of those that are gone.
  return path === "" || connection === "gone" ? id : `${type}:${path}`;
}

function holds({ snapshot }: IHubJob, path: string | undefined, words: readonly string[]): boolean {
  if (words.length === 0) {
    return true;
  }
  const { name, job_id, provider, backend, status_text, message, error, metadata } = snapshot;
  const said = [status_text, message, error && strings.errorLine(error), metadata["tags"]];
  const texts = [name, job_id, provider, backend, ...said, path];
  const text = texts.filter(Boolean).join("\n").toLowerCase();
  return words.every(word => text.includes(word));
}

function createdAt({ snapshot }: IHubJob): number {
  return snapshot.created_at ?? 0;
}
