/** Notices that jobs end. */
import type { IHubChange, IHubJob } from "../../hub/tokens";
import { isFinal } from "../../wire/snapshot";

/** Remembers which jobs are known, and which of them have not ended. */
export class CompletionTracker {
  readonly #live = new Set<string>();
  readonly #known = new Set<string>();
  readonly #kernels = new Set<string>();

  /**
   * The jobs that ended with this change. A job that had ended before its kernel was first seen does not count: the
   * page was loaded again.
   */
  take({ jobs, removed }: IHubChange): readonly IHubJob[] {
    const ended = jobs.filter(job => isFinal(job.snapshot.state) && this.#isNews(job));
    jobs.forEach(({ key, kernelId, snapshot }) => {
      this.#kernels.add(kernelId);
      this.#known.add(key);
      if (isFinal(snapshot.state)) {
        this.#live.delete(key);
      } else {
        this.#live.add(key);
      }
    });
    removed.forEach(key => {
      this.#known.delete(key);
      this.#live.delete(key);
    });
    return ended;
  }

  #isNews({ key, kernelId }: IHubJob): boolean {
    // A quick job can have ended by the time it is seen first.
    return this.#live.has(key) || (!this.#known.has(key) && this.#kernels.has(kernelId));
  }
}

/** Seconds from the submission to the end of a job; `null` if unknown. */
export function waitedFor({ snapshot }: IHubJob): number | null {
  const from = snapshot.created_at ?? snapshot.queued_at ?? snapshot.started_at;
  return from === null || snapshot.finished_at === null ? null : Math.max(0, snapshot.finished_at - from);
}
