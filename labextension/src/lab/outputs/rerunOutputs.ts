import type { ICodeCellModel } from "@jupyterlab/cells";
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import type { IDisposable } from "@lumino/disposable";
import { Signal } from "@lumino/signaling";

import type { IHubChange, IHubJob, IJobHub } from "../../hub/tokens";
import type { JobKernels } from "../jobKernels";
import { JOB_MIME_TYPE, readStoredJob, type StoredJob } from "../../wire/storedJob";
import { bundleOf } from "./outputUpdater";

/** The part of the page's kernels that is used here. */
type Kernels = Pick<JobKernels, "hub" | "jobOf">;

/** Milliseconds that the kernel has to display the new job itself, which works in the page that has run the cell. */
const DELAY = 1000;

/**
 * Puts the card of a job that was run again below the card whose button was pressed, where the kernel cannot: in a page
 * that was loaded after the cell had run.
 */
export class RerunOutputs implements IDisposable {
  readonly #kernels: Kernels;
  readonly #notebooks: INotebookTracker;
  /** The keys of the jobs whose button was pressed in this page and whose next run is not known yet. */
  readonly #pressed = new Set<string>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #isDisposed = false;

  constructor(kernels: Kernels, notebooks: INotebookTracker) {
    this.#kernels = kernels;
    this.#notebooks = notebooks;
    kernels.hub.changed.connect(this.#onHub, this);
  }

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#timers.forEach(timer => {
      clearTimeout(timer);
    });
    Signal.clearData(this);
  }

  #onHub(hub: IJobHub, { jobs }: IHubChange): void {
    for (const { key, ui } of jobs) {
      if (ui.sent.rerun) {
        this.#pressed.add(key);
      }
    }
    for (const key of this.#pressed) {
      const pressed = hub.get(key);
      if (pressed?.ui.sent.rerun) {
        continue; // not answered yet
      }
      this.#pressed.delete(key);
      const next = pressed && nextRun(pressed, hub.jobs);
      if (next && pressed.snapshot.run?.problem === null) {
        this.#plan(pressed, next);
      }
    }
  }

  #plan(pressed: IHubJob, next: IHubJob): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#notebooks.forEach(panel => {
        this.#addBelow(panel, pressed.snapshot.uid, next.key);
      });
    }, DELAY);
    this.#timers.add(timer);
  }

  /** Shows the job of that key in the cells of a notebook that show the one of that uid, and not the new one. */
  #addBelow(panel: NotebookPanel, uid: string, key: string): void {
    const job = this.#kernels.hub.get(key);
    for (const { outputs } of job ? codeCellsOf(panel) : []) {
      const shown = storedIn(outputs);
      const pressed = shown.find(({ snapshot }) => snapshot.uid === uid);
      const isHere = pressed && this.#kernels.jobOf(panel.sessionContext, pressed)?.kernelId === job?.kernelId;
      if (job && pressed && isHere && !shown.some(({ snapshot }) => snapshot.uid === job.snapshot.uid)) {
        const stored = { epoch: pressed.epoch, snapshot: job.snapshot, seenAt: job.ui.seenAt ?? null };
        outputs.add({ output_type: "display_data", metadata: {}, data: bundleOf(stored) });
      }
    }
  }
}

/** The newest of the jobs that repeat `job`. */
function nextRun({ kernelId, snapshot: { uid } }: IHubJob, jobs: readonly IHubJob[]): IHubJob | undefined {
  return jobs.findLast(job => job.kernelId === kernelId && job.snapshot.run?.repeats === uid);
}

function codeCellsOf({ model }: NotebookPanel): readonly ICodeCellModel[] {
  const cells = model && !model.isDisposed ? [...model.cells] : [];
  return cells.filter((cell): cell is ICodeCellModel => cell.type === "code");
}

function storedIn(outputs: ICodeCellModel["outputs"]): readonly StoredJob[] {
  return Array.from({ length: outputs.length }, (_, index) => outputs.get(index))
    .map(output => readStoredJob(output.data[JOB_MIME_TYPE]))
    .filter(job => job !== null);
}
