/** The notebooks, consoles and cells where jobs were started, and the selected cell. */
import type { JupyterFrontEnd } from "@jupyterlab/application";
import type { ConsolePanel, IConsoleTracker } from "@jupyterlab/console";
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";

import type { IHubJob, IHubKernel, IJobHub } from "../../hub/tokens";
import { insertCell } from "../outputs/insertCell";
import type { ReaderPlace } from "./jobTarget";

/** Finds notebooks, consoles and cells. Either tracker is `null` where the application has no such thing. */
export class JobPlaces {
  readonly #app: Pick<JupyterFrontEnd, "shell" | "commands">;
  readonly #hub: IJobHub;
  readonly #notebooks: INotebookTracker | null;
  readonly #consoles: IConsoleTracker | null;

  constructor(
    app: Pick<JupyterFrontEnd, "shell" | "commands">,
    hub: IJobHub,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null
  ) {
    this.#app = app;
    this.#hub = hub;
    this.#notebooks = notebooks;
    this.#consoles = consoles;
  }

  /** The selected cell. */
  current(): ReaderPlace | null {
    const panel = this.#notebooks?.currentWidget;
    const kernelId = panel?.sessionContext.session?.kernel?.id;
    return panel && kernelId !== undefined ? { kernelId, cellId: panel.content.activeCell?.model.id ?? null } : null;
  }

  /** Shows the notebook or console of a job and the cell that started it; false where that cell is not to be found. */
  async goToCell(job: IHubJob): Promise<boolean> {
    const place = await this.#reveal(job);
    if (place && "console" in place) {
      return showInConsole(place, job);
    }
    const index = place ? indexOfCell(place, job) : -1;
    if (!place || index < 0) {
      return false;
    }
    place.content.deselectAll();
    place.content.activeCellIndex = index;
    await place.content.scrollToItem(index, "smart");
    return true;
  }

  /** Puts a new cell with that code behind the one that started the job; false where its notebook is not to be found. */
  async insertCode(job: IHubJob, code: string): Promise<boolean> {
    const panel = await this.#reveal(job);
    if (!panel || "console" in panel || !panel.content.model) {
      return false;
    }
    const own = indexOfCell(panel, job);
    const index = (own < 0 ? panel.content.activeCellIndex : own) + 1;
    await insertCell(panel, index, code);
    return true;
  }

  /** Brings what the job belongs to to the front, opened where it is closed. */
  async #reveal(job: IHubJob): Promise<NotebookPanel | ConsolePanel | null> {
    const kernel = this.#hub.kernels.find(({ id }) => id === job.kernelId);
    if (!kernel) {
      return null;
    }
    if (!this.#find(kernel) && kernel.path !== "") {
      const open = kernel.type === "console" ? "console:open" : "docmanager:open";
      await this.#app.commands.execute(open, { path: kernel.path });
    }
    const panel = this.#find(kernel);
    if (panel) {
      this.#app.shell.activateById(panel.id);
    }
    await panel?.revealed;
    return panel;
  }

  #find(kernel: IHubKernel): NotebookPanel | ConsolePanel | null {
    const consoles = this.#consoles?.find(({ sessionContext }) => sessionContext.session?.kernel?.id === kernel.id);
    return this.#notebook(kernel) ?? consoles ?? null;
  }

  #notebook({ id, path }: IHubKernel): NotebookPanel | null {
    const own = this.#notebooks?.find(({ sessionContext }) => sessionContext.session?.kernel?.id === id);
    return own ?? this.#notebooks?.find(({ context }) => path !== "" && context.path === path) ?? null;
  }
}

function indexOfCell(panel: NotebookPanel, { snapshot }: IHubJob): number {
  return panel.content.widgets.findIndex(({ model }) => snapshot.cell_id !== null && model.id === snapshot.cell_id);
}

function showInConsole({ console }: ConsolePanel, { snapshot }: IHubJob): boolean {
  const cell = [...console.cells].find(({ model }) => model.id === snapshot.cell_id);
  cell?.node.scrollIntoView({ block: "nearest" });
  return cell !== undefined;
}
