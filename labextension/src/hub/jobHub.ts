import { Signal, type ISignal } from "@lumino/signaling";

import { isFinal } from "../wire/snapshot";
import { KernelJobs } from "./kernelJobs";
import type { IHubChange, IHubJob, IHubKernel, IJobHub } from "./tokens";

/** All jobs of all kernels that this page knows of. */
export class JobHub implements IJobHub {
  readonly #changed = new Signal<this, IHubChange>(this);
  readonly #kernels = new Map<string, KernelJobs>();
  #jobs: readonly IHubJob[] | null = null;
  /** The changes that are held back; `null` while each is emitted at once. */
  #held: IHubChange[] | null = null;

  get changed(): ISignal<this, IHubChange> {
    return this.#changed;
  }

  get jobs(): readonly IHubJob[] {
    this.#jobs ??= [...this.#kernels.values()].flatMap(kernel => kernel.jobs);
    return this.#jobs;
  }

  get kernels(): readonly IHubKernel[] {
    return [...this.#kernels.values()].map(kernel => kernel.view).filter(view => view !== null);
  }

  get(key: string): IHubJob | null {
    for (const [id, kernel] of this.#kernels) {
      if (key.startsWith(`${id}/`)) {
        return kernel.get(key.slice(id.length + 1));
      }
    }
    return null;
  }

  find(uid: string): IHubJob | null {
    for (const kernel of this.#kernels.values()) {
      const job = kernel.get(uid);
      if (job) {
        return job;
      }
    }
    return null;
  }

  /** The jobs of a kernel, which are there as soon as they are asked for. */
  kernel(id: string): KernelJobs {
    let kernel = this.#kernels.get(id);
    if (!kernel) {
      kernel = new KernelJobs(id, this.#onChange);
      this.#kernels.set(id, kernel);
    }
    return kernel;
  }

  /** The ids of all kernels that were asked for. */
  get kernelIds(): readonly string[] {
    return [...this.#kernels.keys()];
  }

  cancelAll(keys?: readonly string[]): void {
    const named = keys && new Set(keys);
    this.#atOnce(() => {
      this.jobs
        .filter(({ key, snapshot }) => (named?.has(key) ?? true) && snapshot.can_cancel && !isFinal(snapshot.state))
        .forEach(job => {
          job.actions.cancel();
        });
    });
  }

  clearFinished(): void {
    this.#atOnce(() => {
      this.#kernels.forEach(kernel => {
        kernel.link?.sendHubCommand("clear_finished");
        kernel.forgetPast();
      });
    });
  }

  /** Emits `changed` once for many changes. */
  #atOnce(change: () => void): void {
    const held: IHubChange[] = (this.#held = []);
    try {
      change();
    } finally {
      this.#held = null;
    }
    this.#onChange({ jobs: held.flatMap(({ jobs }) => jobs), removed: held.flatMap(({ removed }) => removed) });
  }

  readonly #onChange = (change: IHubChange): void => {
    this.#jobs = null;
    if (this.#held) {
      this.#held.push(change);
    } else {
      this.#changed.emit(change);
    }
  };
}
