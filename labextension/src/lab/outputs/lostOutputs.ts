import type { ISessionContext } from "@jupyterlab/apputils";
import type { ICodeCellModel } from "@jupyterlab/cells";
import type { INotebookModel, INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import type { IDisposable } from "@lumino/disposable";
import { Signal } from "@lumino/signaling";

import { isRecord } from "../../wire/drawableText";
import type { JobKernels } from "../jobKernels";
import { bundleOf } from "./outputUpdater";
import { isShared } from "./sharedNotebook";
import { JOB_MIME_TYPE, readStoredJob } from "../../wire/storedJob";

/** The part of the page's kernels that is used here. */
type Kernels = Pick<JobKernels, "hub" | "jobOf" | "look" | "contextChanged">;

/** Where the card of a job stood. */
type Place = Readonly<{ path: string; cell: string; epoch: string; uid: string }>;

const KEY = "primwidgets:places";

/** More places are not remembered. */
const LIMIT = 500;

/**
 * Puts the cards of jobs back under their cells after a reload of a page whose notebook was not saved since they came.
 *
 * An application saves a notebook every two minutes, and the kernel displays a job once. So the page leaves a note of
 * where each card stood, for itself alone, and the jobs themselves come from the hub.
 */
export class LostOutputs implements IDisposable {
  readonly #kernels: Kernels;
  readonly #notebooks: INotebookTracker;
  readonly #storage: Storage;
  readonly #ready = new WeakSet<NotebookPanel>();
  #lost: readonly Place[];
  #isDisposed = false;

  /**
   * @param storage - lives as long as the page's tab, reloads included.
   */
  constructor(kernels: Kernels, notebooks: INotebookTracker, storage: Storage) {
    this.#kernels = kernels;
    this.#notebooks = notebooks;
    this.#storage = storage;
    this.#lost = takePlaces(storage);
    window.addEventListener("pagehide", this.#onLeave);
    if (this.#lost.length > 0) {
      kernels.hub.changed.connect(this.#onHub, this);
      kernels.contextChanged.connect(this.#onContext, this);
      notebooks.widgetAdded.connect(this.#onNotebook, this);
      notebooks.forEach(panel => {
        this.#follow(panel);
      });
    }
  }

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  dispose(): void {
    this.#isDisposed = true;
    window.removeEventListener("pagehide", this.#onLeave);
    Signal.clearData(this);
  }

  #onNotebook(_: INotebookTracker, panel: NotebookPanel): void {
    this.#follow(panel);
  }

  #follow(panel: NotebookPanel): void {
    void panel.context.ready.then(() => {
      this.#ready.add(panel);
      this.#putBack(panel);
      this.#look(panel);
    });
  }

  #onContext(_: unknown, context: ISessionContext): void {
    this.#notebooks.forEach(panel => {
      if (panel.sessionContext === context) {
        this.#look(panel);
      }
    });
  }

  /** Has the kernel asked for its jobs: there is no output that would do it. */
  #look({ context, sessionContext }: NotebookPanel): void {
    if (this.#lost.some(({ path }) => path === context.path)) {
      this.#kernels.look(sessionContext);
    }
  }

  #onHub(): void {
    this.#notebooks.forEach(panel => {
      this.#putBack(panel);
    });
  }

  #putBack(panel: NotebookPanel): void {
    const { model } = panel;
    if (model && this.#ready.has(panel) && !this.#isDisposed) {
      const { path } = panel.context;
      this.#lost = this.#lost.filter(place => place.path !== path || !this.#putBackOne(panel, model, place));
    }
  }

  /** Returns whether there is nothing more to do about the place. */
  #putBackOne(panel: NotebookPanel, notebook: INotebookModel, { cell: id, epoch, uid }: Place): boolean {
    const cell = codeCellsOf(notebook).find(one => one.id === id);
    if (!cell || jobsIn(cell).some(job => job.snapshot.uid === uid)) {
      return true;
    }
    const job = this.#kernels.jobOf(panel.sessionContext, { epoch, snapshot: { uid } });
    if (!job) {
      return false;
    }
    const data = bundleOf({ epoch, snapshot: job.snapshot, seenAt: job.ui.seenAt ?? null });
    cell.outputs.add({ output_type: "display_data", metadata: {}, data });
    return true;
  }

  readonly #onLeave = (): void => {
    const places: Place[] = [];
    this.#notebooks.forEach(({ model, context }) => {
      if (model?.dirty && !isShared(model)) {
        places.push(...placesIn(model, context.path));
      }
    });
    try {
      this.#storage.setItem(KEY, JSON.stringify(places.slice(-LIMIT)));
    } catch {
      // There is no room, or storage is not allowed: the cards come back with the next display.
    }
  };
}

function placesIn(notebook: INotebookModel, path: string): readonly Place[] {
  return codeCellsOf(notebook).flatMap(cell =>
    jobsIn(cell).map(({ epoch, snapshot: { uid } }) => ({ path, cell: cell.id, epoch, uid }))
  );
}

function codeCellsOf(notebook: INotebookModel): readonly ICodeCellModel[] {
  return [...notebook.cells].filter((cell): cell is ICodeCellModel => cell.type === "code");
}

function jobsIn({ outputs }: ICodeCellModel): readonly NonNullable<ReturnType<typeof readStoredJob>>[] {
  return Array.from({ length: outputs.length }, (_, index) => outputs.get(index))
    .map(output => readStoredJob(output.data[JOB_MIME_TYPE]))
    .filter(job => job !== null);
}

/** Takes what an earlier page of this tab has left. */
function takePlaces(storage: Storage): readonly Place[] {
  try {
    const left: unknown = JSON.parse(storage.getItem(KEY) ?? "[]");
    storage.removeItem(KEY);
    return Array.isArray(left) ? left.slice(0, LIMIT).filter(isPlace) : [];
  } catch {
    return [];
  }
}

function isPlace(value: unknown): value is Place {
  return isRecord(value) && ["path", "cell", "epoch", "uid"].every(field => typeof value[field] === "string");
}
