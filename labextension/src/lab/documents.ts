import type { ISessionContext } from "@jupyterlab/apputils";
import type { IConsoleTracker } from "@jupyterlab/console";
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";

/** The open notebooks and consoles. */
export class Documents {
  readonly #notebooks: INotebookTracker | null;
  readonly #consoles: IConsoleTracker | null;

  constructor(notebooks: INotebookTracker | null, consoles: IConsoleTracker | null) {
    this.#notebooks = notebooks;
    this.#consoles = consoles;
  }

  /** Calls `follow` with the session context of each document, also of those that are opened later. */
  forEach(follow: (context: ISessionContext) => void): void {
    for (const tracker of [this.#notebooks, this.#consoles]) {
      tracker?.forEach(panel => {
        follow(panel.sessionContext);
      });
      tracker?.widgetAdded.connect((_, panel) => {
        follow(panel.sessionContext);
      });
    }
  }

  /**
   * The session context of the document that an output belongs to; `null` where that is not open (yet).
   *
   * A renderer can identify its document only by the URL resolver, of which each document has its own. All
   * views of an output have the same one, wherever on the page they are.
   */
  contextOf(resolver: IRenderMime.IResolver | null): ISessionContext | null {
    const consoles = this.#consoles?.find(({ console }) => console.rendermime.resolver === resolver);
    const panel = this.notebookOf(resolver) ?? consoles;
    return panel?.sessionContext ?? null;
  }

  /** The notebook that an output belongs to; `null` where that is something else, or not open (yet). */
  notebookOf(resolver: IRenderMime.IResolver | null): NotebookPanel | null {
    return this.#notebooks?.find(panel => panel.content.rendermime.resolver === resolver) ?? null;
  }
}
