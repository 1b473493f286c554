/** The failed jobs that the reader has seen in a list of all jobs: nothing counts them any more. */
import { Signal, type ISignal } from "@lumino/signaling";

import type { IHubJob } from "../hub/tokens";
import { kindOf, tallyOf, type Tally } from "./jobKind";

/** Remembers which failures were seen, as long as the page is open. */
export class SeenFailures {
  readonly #changed = new Signal<this, void>(this);
  readonly #keys = new Set<string>();

  get changed(): ISignal<this, void> {
    return this.#changed;
  }

  /** Notes that these jobs are on the screen. */
  note(jobs: readonly IHubJob[]): void {
    const failed = jobs.filter(job => kindOf(job) === "failed" && !this.#keys.has(job.key));
    failed.forEach(job => this.#keys.add(job.key));
    if (failed.length > 0) {
      this.#changed.emit();
    }
  }

  /** How many jobs there are of each kind, without the failures that were seen. */
  tally(jobs: readonly IHubJob[]): Tally {
    return tallyOf(jobs.filter(job => kindOf(job) !== "failed" || !this.#keys.has(job.key)));
  }
}

/** Those of this page. */
export const seenFailures = new SeenFailures();
