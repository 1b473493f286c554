import type { ICodeCellModel } from "@jupyterlab/cells";
import type { DocumentRegistry } from "@jupyterlab/docregistry";
import type { INotebookModel, INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import { JSONExt } from "@lumino/coreutils";
import type { PartialJSONObject } from "@lumino/coreutils";
import { Signal } from "@lumino/signaling";
import type { IDisposable } from "@lumino/disposable";

import type { IHubChange } from "../../hub/tokens";
import { isFinal, type JobSnapshot } from "../../wire/snapshot";
import { JOB_MIME_TYPE, readStoredJob, storedJob, type StoredJob } from "../../wire/storedJob";
import type { JobKernels } from "../jobKernels";
import { isShared, markedMetadata, removeCopies, TURN, writersBefore } from "./sharedNotebook";
import { toHtml, toText } from "./storedText";

type IOutputs = ICodeCellModel["outputs"];

/** Milliseconds after the end of a job: the kernel refreshes the outputs that this page has seen appear by itself. */
const DELAY = 1000;

/**
 * Writes the final states of jobs into the outputs of open notebooks, so that a notebook that is saved is right without a
 * kernel. The kernel does that, too, but its messages do not find the outputs of a page that was loaded since.
 */
export class OutputUpdater implements IDisposable {
  readonly #kernels: Pick<JobKernels, "hub" | "jobOf">;
  readonly #notebooks: INotebookTracker;
  readonly #updated = new WeakSet<JobSnapshot>();
  readonly #later = new Map<NotebookPanel, ReturnType<typeof setTimeout>>();
  #isDisposed = false;

  constructor(kernels: Pick<JobKernels, "hub" | "jobOf">, notebooks: INotebookTracker) {
    this.#kernels = kernels;
    this.#notebooks = notebooks;
    kernels.hub.changed.connect(this.#onHub, this);
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
    this.#later.forEach(timer => {
      clearTimeout(timer);
    });
    Signal.clearData(this);
  }

  #onNotebook(_: INotebookTracker, panel: NotebookPanel): void {
    this.#follow(panel);
  }

  #follow(panel: NotebookPanel): void {
    panel.context.saveState.connect(this.#onSave, this);
    void panel.context.ready.then(() => {
      if (panel.model && isShared(panel.model)) {
        this.#plan(panel);
      } else {
        this.#updateFinished(panel);
      }
    });
    panel.disposed.connect(this.#onClosed, this);
  }

  #onClosed(panel: NotebookPanel): void {
    clearTimeout(this.#later.get(panel));
    this.#later.delete(panel);
  }

  #onSave(context: NotebookPanel["context"], state: DocumentRegistry.SaveState): void {
    const panel = this.#notebooks.find(one => one.context === context);
    if (panel && state === "started" && writersBefore(context.model) === 0) {
      this.#update(panel, context.model, () => true);
    }
  }

  #onHub(_: unknown, { jobs }: IHubChange): void {
    const news = jobs.filter(({ snapshot }) => isFinal(snapshot.state) && !this.#updated.has(snapshot));
    if (news.length > 0) {
      news.forEach(({ snapshot }) => this.#updated.add(snapshot));
      this.#notebooks.forEach(panel => {
        this.#plan(panel);
      });
    }
  }

  /** Has the ends written when it is this client's turn; what another one wrote before is found to be right then. */
  #plan(panel: NotebookPanel): void {
    const before = panel.model ? writersBefore(panel.model) : 0;
    this.#after(panel, DELAY + before * TURN, () => {
      this.#updateFinished(panel);
      if (panel.model && isShared(panel.model)) {
        this.#after(panel, TURN, () => {
          codeCellsOf(panel.model).forEach(removeCopies);
        });
      }
    });
  }

  #after(panel: NotebookPanel, milliseconds: number, act: () => void): void {
    clearTimeout(this.#later.get(panel));
    const timer = setTimeout(() => {
      this.#later.delete(panel);
      act();
    }, milliseconds);
    this.#later.set(panel, timer);
  }

  #updateFinished(panel: NotebookPanel): void {
    if (!this.#isDisposed && panel.model) {
      this.#update(panel, panel.model, ({ state }) => isFinal(state));
    }
  }

  /** Writes the jobs that are chosen into the outputs that show them. */
  #update(panel: NotebookPanel, notebook: INotebookModel, isChosen: (snapshot: JobSnapshot) => boolean): void {
    for (const { outputs } of codeCellsOf(notebook)) {
      for (let index = 0; index < outputs.length; index++) {
        const stored = readStoredJob(outputs.get(index).data[JOB_MIME_TYPE]);
        const job = stored && this.#kernels.jobOf(panel.sessionContext, stored);
        if (job && isChosen(job.snapshot) && !JSONExt.deepEqual(stored.snapshot, job.snapshot)) {
          const now = { ...stored, snapshot: job.snapshot, seenAt: job.ui.seenAt ?? null };
          replace(outputs, index, now, isShared(notebook));
        }
      }
    }
  }
}

function codeCellsOf(notebook: INotebookModel | null): readonly ICodeCellModel[] {
  const cells = notebook && !notebook.isDisposed ? [...notebook.cells] : [];
  return cells.filter((cell): cell is ICodeCellModel => cell.type === "code");
}

function replace(outputs: IOutputs, index: number, job: StoredJob, shared: boolean): void {
  const output = outputs.get(index);
  const data = { ...output.data, ...bundleOf(job) };
  const mark = shared ? { metadata: markedMetadata(outputs, index) } : {};
  outputs.set(index, { ...output.toJSON(), ...mark, data } as ReturnType<typeof output.toJSON>);
}

/** The MIME bundle of the job. */
export function bundleOf(job: StoredJob): PartialJSONObject {
  const { snapshot, seenAt } = job;
  return {
    [JOB_MIME_TYPE]: storedJob(job) as PartialJSONObject,
    "text/html": toHtml(snapshot, seenAt),
    "text/plain": toText(snapshot, seenAt)
  };
}
