import { Signal } from "@lumino/signaling";

import { CardState } from "../src/card/cardState";
import type { IHubChange, IHubJob, IHubKernel, IJobHub, JobConnection } from "../src/hub/tokens";
import type { IJobActions } from "../src/card/jobActions";
import type { JobSnapshot } from "../src/wire/snapshot";
import { golden } from "./golden";

/** What was asked of a job or of the hub, in the order it came. */
export type Asked = readonly string[];

/** A hub whose jobs the test moves. */
export class FakeHub implements IJobHub {
  readonly changed = new Signal<this, IHubChange>(this);
  readonly asked: string[] = [];
  kernels: readonly IHubKernel[] = [kernel("k1", "a.ipynb")];
  jobs: readonly IHubJob[] = [];

  get(key: string): IHubJob | null {
    return this.jobs.find(job => job.key === key) ?? null;
  }

  cancelAll(keys?: readonly string[]): void {
    this.asked.push(`cancel all: ${keys?.join(" ") ?? "-"}`);
  }

  clearFinished(): void {
    this.asked.push("clear finished");
  }

  /** News of the jobs: those named are replaced or added. */
  set(...news: readonly IHubJob[]): void {
    const keys = news.map(job => job.key);
    const known = this.jobs.map(job => news.find(one => one.key === job.key) ?? job);
    const added = news.filter(job => !this.jobs.some(one => one.key === job.key));
    this.jobs = [...known.filter(job => !keys.includes(job.key) || news.includes(job)), ...added];
    this.changed.emit({ jobs: news, removed: [] });
  }

  /** News of the kernels. */
  setKernels(...kernels: readonly IHubKernel[]): void {
    this.kernels = kernels;
    this.changed.emit({ jobs: [], removed: [] });
  }

  /** A job of kernel `k1` that is like a golden one, with some fields changed. */
  job(
    key: string,
    like: string,
    change: Partial<JobSnapshot> = {},
    connection: JobConnection = "live",
    kernelId = "k1"
  ): IHubJob {
    return {
      key,
      kernelId,
      connection,
      snapshot: golden(like, { uid: key, name: key, ...change }),
      ui: new CardState().ui,
      actions: this.#actions(key)
    };
  }

  #actions(key: string): IJobActions {
    const note = (what: string) => (): void => {
      this.asked.push(`${what} ${key}`);
    };
    return {
      cancel: note("cancel"),
      stopWaiting: note("stop waiting"),
      showResult: note("show result"),
      rerun: note("run again"),
      setOpen: note("open")
    };
  }
}

/** The kernel of a notebook. */
export function kernel(id: string, path: string, change: Partial<IHubKernel> = {}): IHubKernel {
  const name = path.split("/").at(-1) ?? path;
  return { id, path, name, type: "notebook", connection: "live", versionProblem: false, ...change };
}

export const RUNNING = "running with progress";
export const QUEUED = "queued behind many";
export const DONE = "done with counts";
export const FAILED = "failed";
export const CANCELLED = "cancel confirmed";
