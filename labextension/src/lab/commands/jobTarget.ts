/** Which job a command is about. */
import type { ReadonlyPartialJSONObject } from "@lumino/coreutils";

import type { IHubJob, IJobHub } from "../../hub/tokens";

/** The arguments of the commands about one job, as other extensions see them. */
export const JOB_ARGUMENTS = {
  type: "object",
  properties: {
    key: { type: "string", description: "The key of the job in the hub. Left out: the job of the selected cell." },
    clicked: { type: "boolean", description: "The job whose context menu was opened." }
  }
} as const;

/** The selected cell and the kernel of its notebook. */
export type ReaderPlace = Readonly<{ kernelId: string; cellId: string | null }>;

/** Finds the job that a command is about. */
export class JobTarget {
  readonly #hub: IJobHub;
  readonly #place: () => ReaderPlace | null;
  readonly #clickedKey: () => string | null;

  /**
   * @param place - gives the selected cell; `null` outside notebooks.
   * @param clickedKey - the key of the job whose context menu was opened last.
   */
  constructor(hub: IJobHub, place: () => ReaderPlace | null, clickedKey: () => string | null) {
    this.#hub = hub;
    this.#place = place;
    this.#clickedKey = clickedKey;
  }

  /**
   * The job that is named by the arguments, if it fits. Where none is named: the newest one that fits of the selected
   * cell, or else of the notebook.
   */
  find(args: ReadonlyPartialJSONObject, fits: (job: IHubJob) => boolean): IHubJob | null {
    const key = args["clicked"] === true ? this.#clickedKey() : args["key"];
    if (typeof key === "string") {
      const job = this.#hub.get(key);
      return job && fits(job) ? job : null;
    }
    return key === undefined ? this.#nearest(fits) : null;
  }

  #nearest(fits: (job: IHubJob) => boolean): IHubJob | null {
    const place = this.#place();
    const own = this.#hub.jobs.filter(job => job.kernelId === place?.kernelId && fits(job));
    const ofCell = own.filter(job => place?.cellId !== null && job.snapshot.cell_id === place?.cellId);
    return ofCell.at(-1) ?? own.at(-1) ?? null;
  }
}
