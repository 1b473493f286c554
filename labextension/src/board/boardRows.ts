/** Which jobs are rows of the board, and in which order. */
import type { IHubJob, IHubKernel } from "../hub/tokens";
import type { JobKind } from "../lab/jobKind";
import { findJobs, isFiltered } from "../lab/sidebar/jobQuery";
import { sortJobs, type SortOrder } from "./boardColumns";

/** What the reader wants to see. */
export type BoardQuery = Readonly<{
  text: string;
  kinds: readonly JobKind[];
  order: SortOrder;
  /** The keys of the groups whose members are shown. */
  expanded: ReadonlySet<string>;
}>;

/** One row: a job, and whether it stands below its group. */
export type BoardRow = Readonly<{ job: IHubJob; isMember: boolean; isExpanded: boolean }>;

/** The rows: with a filter all jobs that match, else the groups and the jobs that belong to none. */
export function rowsOf(
  jobs: readonly IHubJob[],
  kernels: readonly IHubKernel[],
  { text, kinds, order, expanded }: BoardQuery,
  now: number
): readonly BoardRow[] {
  const query = { text, kinds, order: "newest" } as const;
  if (isFiltered(query)) {
    return sortJobs(findJobs(jobs, kernels, query), order, now).map(job => row(job));
  }
  const { top, members } = byGroup(jobs);
  return sortJobs(top, order, now).flatMap(job => {
    const isExpanded = job.snapshot.group !== null && expanded.has(job.key);
    const inside = isExpanded ? sortJobs(members.get(groupKey(job)) ?? [], order, now) : [];
    return [{ job, isMember: false, isExpanded }, ...inside.map(member => row(member, true))];
  });
}

/** The jobs that belong to no group that is here, and the members of each group. */
export function byGroup(jobs: readonly IHubJob[]): {
  readonly top: readonly IHubJob[];
  readonly members: ReadonlyMap<string, readonly IHubJob[]>;
} {
  const groups = new Set(jobs.filter(({ snapshot }) => snapshot.group !== null).map(groupKey));
  const members = new Map<string, IHubJob[]>();
  const top = jobs.filter(job => {
    const key = `${job.kernelId}/${job.snapshot.group_id ?? ""}`;
    if (job.snapshot.group_id === null || !groups.has(key)) {
      return true;
    }
    const known = members.get(key);
    if (known) {
      known.push(job);
    } else {
      members.set(key, [job]);
    }
    return false;
  });
  return { top, members };
}

function groupKey({ kernelId, snapshot }: IHubJob): string {
  return `${kernelId}/${snapshot.job_id}`;
}

function row(job: IHubJob, isMember = false): BoardRow {
  return { job, isMember, isExpanded: false };
}
