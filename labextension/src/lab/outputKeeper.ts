import type { ICodeCellModel } from "@jupyterlab/cells";
import type { DocumentRegistry } from "@jupyterlab/docregistry";
import type { INotebookModel, INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import { JSONExt } from "@lumino/coreutils";
import type { PartialJSONObject } from "@lumino/coreutils";
import { Signal } from "@lumino/signaling";
import type { IDisposable } from "@lumino/disposable";

import type { JobHub } from "../hub/jobHub";
import { isFinal, type JobSnapshot } from "../snapshot";
import { JOB_MIME_TYPE, readStoredJob, storedJob, type StoredJob } from "./storedJob";
import { toHtml, toText } from "./storedText";

type IOutputs = ICodeCellModel["outputs"];

/** Milliseconds after the end of a job: the kernel refreshes the outputs that this page has seen appear by itself. */
const DELAY = 1000;

/**
 * Writes what became of jobs into the outputs of open notebooks, so that a notebook that is saved is right without a
 * kernel. The kernel does that, too, but its messages do not find the outputs of a page that was loaded since.
 */
export class OutputKeeper implements IDisposable {
  readonly #hub: JobHub;
  readonly #notebooks: INotebookTracker;
  readonly #kept = new WeakSet<JobSnapshot>();
  #later: ReturnType<typeof setTimeout> | undefined;
  #isDisposed = false;

  constructor(hub: JobHub, notebooks: INotebookTracker) {
    this.#hub = hub;
    this.#notebooks = notebooks;
    hub.changed.connect(this.#onHub, this);
    notebooks.widgetAdded.connect(this.#onNotebook, this);
    notebooks.forEach(panel => {
      this.#follow(panel);
    });
  }

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#later);
    Signal.clearData(this);
  }

  #onNotebook(_: INotebookTracker, panel: NotebookPanel): void {
    this.#follow(panel);
  }

  #follow(panel: NotebookPanel): void {
    panel.context.saveState.connect(this.#onSave, this);
    void panel.context.ready.then(() => {
      this.#keepEnds(panel.model);
    });
  }

  #onSave(context: DocumentRegistry.IContext<INotebookModel>, state: DocumentRegistry.SaveState): void {
    if (state === "started") {
      this.#keep(context.model, () => true);
    }
  }

  #onHub(): void {
    const news = this.#hub.jobs.filter(({ snapshot }) => isFinal(snapshot.state) && !this.#kept.has(snapshot));
    if (news.length > 0) {
      news.forEach(({ snapshot }) => this.#kept.add(snapshot));
      clearTimeout(this.#later);
      this.#later = setTimeout(() => {
        this.#notebooks.forEach(panel => {
          this.#keepEnds(panel.model);
        });
      }, DELAY);
    }
  }

  #keepEnds(notebook: INotebookModel | null): void {
    if (!this.#isDisposed && notebook && !notebook.isDisposed) {
      this.#keep(notebook, ({ state }) => isFinal(state));
    }
  }

  /** Writes the jobs that are chosen into the outputs that show them. */
  #keep(notebook: INotebookModel, isChosen: (snapshot: JobSnapshot) => boolean): void {
    for (const cell of notebook.cells) {
      if (cell.type === "code") {
        this.#keepIn((cell as ICodeCellModel).outputs, isChosen);
      }
    }
  }

  #keepIn(outputs: IOutputs, isChosen: (snapshot: JobSnapshot) => boolean): void {
    for (let index = 0; index < outputs.length; index++) {
      const output = outputs.get(index);
      const stored = readStoredJob(output.data[JOB_MIME_TYPE]);
      const now = stored && this.#hub.find(stored.snapshot.uid)?.snapshot;
      if (now && isChosen(now) && !JSONExt.deepEqual(stored.snapshot, now)) {
        const data = { ...output.data, ...bundleOf({ ...stored, snapshot: now }) };
        outputs.set(index, { ...output.toJSON(), data } as ReturnType<typeof output.toJSON>);
      }
    }
  }
}

/** The parts of the output that tell of the job. */
function bundleOf(job: StoredJob): PartialJSONObject {
  const { snapshot } = job;
  return {
    [JOB_MIME_TYPE]: storedJob(job) as PartialJSONObject,
    "text/html": toHtml(snapshot),
    "text/plain": toText(snapshot)
  };
}
