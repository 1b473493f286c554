import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { IStatusBar } from "@jupyterlab/statusbar";

import { IJobHub } from "../../hub/tokens";
import { CommandIds } from "../commands/commandIds";
import { JobsStatus } from "./jobsStatus";

/** The jobs in the status bar. Notebook 7 has none. */
export const statusBarPlugin: JupyterFrontEndPlugin<void> = {
  id: "primwidgets:status-bar",
  description: "Shows in the status bar how many jobs are running, queued and failed.",
  autoStart: true,
  requires: [IJobHub],
  optional: [IStatusBar],
  activate: (app: JupyterFrontEnd, hub: IJobHub, statusBar: IStatusBar | null) => {
    if (!statusBar) {
      return;
    }
    const item = new JobsStatus(hub, () => void app.commands.execute(CommandIds.openSidebar));
    statusBar.registerStatusItem("primwidgets:jobs", {
      item,
      align: "left",
      rank: 10,
      isActive: () => item.isActive,
      activeStateChanged: item.activeChanged
    });
  }
};
