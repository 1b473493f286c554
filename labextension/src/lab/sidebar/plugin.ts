import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette } from "@jupyterlab/apputils";
import { INotebookTracker } from "@jupyterlab/notebook";
import { IStateDB } from "@jupyterlab/statedb";

import { IJobHub } from "../../hub/tokens";
import { trans } from "../../i18n/translation";
import { CommandIds } from "../commands/commandIds";
import { jobsIcon } from "../jobsIcon";
import { earlierActions, hasEarlierJobs, requestTo } from "./earlierWiring";
import { EarlierJobs } from "./earlierJobs";
import { JobsPanel } from "./jobsPanel";
import { persistState } from "./persistState";
import { SidebarState } from "./sidebarState";

/** Below the running kernels, above the table of contents. */
const RANK = 250;

/** The sidebar with all jobs. */
export const sidebarPlugin: JupyterFrontEndPlugin<void> = {
  id: "primwidgets:sidebar",
  description: "Adds a sidebar with the jobs of all notebooks and consoles.",
  autoStart: true,
  requires: [IJobHub],
  optional: [ILayoutRestorer, IStateDB, ICommandPalette, INotebookTracker],
  activate: (
    app: JupyterFrontEnd,
    hub: IJobHub,
    restorer: ILayoutRestorer | null,
    database: IStateDB | null,
    palette: ICommandPalette | null,
    notebooks: INotebookTracker | null
  ) => {
    const state = new SidebarState();
    const { commands, shell } = app;
    const earlier = hasEarlierJobs() ? new EarlierJobs(hub, requestTo(app.serviceManager.serverSettings)) : null;
    const panel = new JobsPanel({
      hub,
      state,
      ...(earlier && { earlier, earlierActions: earlierActions(app, notebooks) }),
      front: () => notebooks?.currentWidget?.sessionContext.session?.kernel?.id ?? null,
      actions: {
        cancelAll: jobs => void commands.execute(CommandIds.cancelAll, { keys: jobs.map(job => job.key) }),
        clearFinished: () => void commands.execute(CommandIds.clearFinished),
        goToCell: job => void commands.execute(CommandIds.goToCell, { key: job.key })
      }
    });
    notebooks?.currentChanged.connect(() => {
      panel.update();
    });
    panel.title.icon = jobsIcon;
    shell.add(panel, "left", { rank: RANK, type: "Jobs" });
    restorer?.add(panel, panel.id);
    commands.addCommand(CommandIds.openSidebar, {
      label: trans.__("Show Jobs"),
      caption: trans.__("Show the jobs of all notebooks and consoles in the sidebar"),
      describedBy: { args: { type: "object", properties: {} } },
      icon: jobsIcon,
      execute: () => {
        shell.activateById(panel.id);
      }
    });
    palette?.addItem({ command: CommandIds.openSidebar, category: trans.__("Jobs") });
    if (database) {
      persistState(state, database);
    }
  }
};
