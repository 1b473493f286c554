import { ILabShell, ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette, MainAreaWidget, WidgetTracker } from "@jupyterlab/apputils";

import { IJobHub } from "../../hub/tokens";
import { trans } from "../../i18n/translation";
import { CommandIds } from "../commands/commandIds";
import { jobsIcon } from "../jobsIcon";
import { BoardPanel } from "./boardPanel";

const BOARD_ID = "primwidgets-board";

/** The jobs of all kernels in a tab of the main area. */
export const boardPlugin: JupyterFrontEndPlugin<void> = {
  id: "primwidgets:board",
  description: "Adds a tab with a table of the jobs of all notebooks and consoles.",
  autoStart: true,
  requires: [IJobHub],
  optional: [ILabShell, ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    hub: IJobHub,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ) => {
    const { commands, shell } = app;
    const tracker = new WidgetTracker<MainAreaWidget<BoardPanel>>({ namespace: "primwidgets-board" });
    commands.addCommand(CommandIds.openBoard, {
      label: trans.__("Open Job Board"),
      caption: trans.__("Show the jobs of all notebooks and consoles in a table"),
      describedBy: { args: { type: "object", properties: {} } },
      icon: jobsIcon,
      execute: () => {
        if (tracker.currentWidget === null) {
          const board = makeBoard(hub);
          void tracker.add(board);
          shell.add(board, "main", { type: "Jobs" });
        }
        shell.activateById(BOARD_ID);
      }
    });
    palette?.addItem({ command: CommandIds.openBoard, category: trans.__("Jobs") });
    if (labShell) {
      void restorer?.restore(tracker, { command: CommandIds.openBoard, name: () => "board" });
    }
  }
};

function makeBoard(hub: IJobHub): MainAreaWidget<BoardPanel> {
  const content = new BoardPanel(hub, jobs => {
    hub.cancelAll(jobs.map(job => job.key));
  });
  const board = new MainAreaWidget({ content });
  board.id = BOARD_ID;
  board.title.label = trans.__("Jobs");
  board.title.icon = jobsIcon;
  board.title.closable = true;
  return board;
}
