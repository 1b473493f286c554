/** Notices that jobs end. */
import type { IHubJob } from "../../hub/tokens";
import { isFinal } from "../../wire/snapshot";

/** Compares the jobs with those of the last time. */
export class CompletionTracker {
  #live: ReadonlySet<string> = new Set();
  #known: ReadonlySet<string> = new Set();
  readonly #kernels = new Set<string>();

  /**
   * The jobs that ended since the last call. A job that had ended before its kernel was first seen does not count: the
   * page was loaded again.
   */
  take(jobs: readonly IHubJob[]): readonly IHubJob[] {
    const ended = jobs.filter(job => isFinal(job.snapshot.state) && this.#isNews(job));
    this.#live = keysOf(jobs.filter(job => !isFinal(job.snapshot.state)));
    this.#known = keysOf(jobs);
    jobs.forEach(job => this.#kernels.add(job.kernelId));
    return ended;
  }

  #isNews({ key, kernelId }: IHubJob): boolean {
    // A quick job can have ended by the time it is seen first.
    return this.#live.has(key) || (!this.#known.has(key) && this.#kernels.has(kernelId));
  }
}

function keysOf(jobs: readonly IHubJob[]): ReadonlySet<string> {
  return new Set(jobs.map(job => job.key));
}

/** Seconds from the submission to the end of a job; `null` if unknown. */
export function waitedFor({ snapshot }: IHubJob): number | null {
  const from = snapshot.created_at ?? snapshot.queued_at ?? snapshot.started_at;
  return from === null || snapshot.finished_at === null ? null : Math.max(0, snapshot.finished_at - from);
}
