import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { Dialog, ICommandPalette, Notification, showDialog } from "@jupyterlab/apputils";
import { IConsoleTracker } from "@jupyterlab/console";
import { INotebookTracker } from "@jupyterlab/notebook";

import { IJobHub } from "../../hub/tokens";
import { trans } from "../../i18n/translation";
import type { Question } from "./cancelQuestion";
import { CommandIds } from "./commandIds";
import { addJobCommands } from "./jobCommands";
import { JobPlaces } from "./jobPlaces";
import { JobTarget } from "./jobTarget";

const IN_PALETTE = [
  CommandIds.cancelJob,
  CommandIds.cancelAll,
  CommandIds.clearFinished,
  CommandIds.goToCell,
  CommandIds.copyId,
  CommandIds.insertReattachCode
];

/** The commands about jobs. */
export const commandsPlugin: JupyterFrontEndPlugin<void> = {
  id: "primwidgets:commands",
  description: "Adds commands that cancel jobs, clear finished ones and reconnect to jobs of other kernels.",
  autoStart: true,
  requires: [IJobHub],
  optional: [INotebookTracker, IConsoleTracker, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    hub: IJobHub,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null,
    palette: ICommandPalette | null
  ) => {
    const places = new JobPlaces(app, hub, notebooks, consoles);
    const target = new JobTarget(
      hub,
      () => places.current(),
      () => clickedKey(app)
    );
    addJobCommands(app.commands, { hub, target, places, ask, complain: text => Notification.warning(text) });
    for (const command of IN_PALETTE) {
      palette?.addItem({ command, category: trans.__("Jobs") });
    }
  }
};

/** The job whose context menu was opened last. */
function clickedKey(app: JupyterFrontEnd): string | null {
  return app.contextMenuHitTest(node => node.dataset["job"] !== undefined)?.dataset["job"] ?? null;
}

async function ask({ title, body, yes, no }: Question): Promise<boolean> {
  const buttons = [Dialog.cancelButton({ label: no }), Dialog.warnButton({ label: yes })];
  const { button } = await showDialog({ title, body, buttons, defaultButton: 0 });
  return button.accept;
}
