import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette, Notification } from "@jupyterlab/apputils";
import { ISettingRegistry } from "@jupyterlab/settingregistry";

import { IJobHub } from "../../hub/tokens";
import { trans } from "../../i18n/translation";
import { CommandIds } from "../commands/commandIds";
import { askPermission, canAskPermission, showBrowserNotification } from "./browserNotification";
import { JobNotifier } from "./jobNotifier";
import type { JobNotification } from "./jobNotification";
import { DEFAULTS, readSettings } from "./notificationSettings";

const ID = "primwidgets:notifications";

/** Milliseconds that a message stays in sight. All stay in the list that the bell in the status bar opens. */
const SHOWN_MS = { success: 5000, info: 5000, error: 15_000 } as const;

/** Notifies the user of jobs that end. */
export const notificationsPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: "Shows notifications when jobs end, on the page and, while it is hidden, through the browser.",
  autoStart: true,
  requires: [IJobHub],
  optional: [ISettingRegistry, ICommandPalette],
  activate: async (
    app: JupyterFrontEnd,
    hub: IJobHub,
    registry: ISettingRegistry | null,
    palette: ICommandPalette | null
  ) => {
    addPermissionCommand(app, palette);
    const loaded = await registry?.load(ID);
    const settings = (): ReturnType<typeof readSettings> => (loaded ? readSettings(loaded.composite) : DEFAULTS);
    new JobNotifier(hub, settings, notification => {
      show(app, notification, settings().browser);
    });
  }
};

function show({ commands }: JupyterFrontEnd, { type, text, job }: JobNotification, browser: boolean): void {
  const open = (): void => {
    const [command, args] = job?.snapshot.cell_id
      ? [CommandIds.goToCell, { key: job.key }]
      : [CommandIds.openSidebar, {}];
    void commands.execute(command, args);
  };
  Notification.emit(text, type, {
    autoClose: SHOWN_MS[type],
    actions: [{ label: job ? trans.__("Show job") : trans.__("Show jobs"), callback: open }]
  });
  if (browser) {
    showBrowserNotification(text, job?.key ?? ID, open);
  }
}

function addPermissionCommand({ commands }: JupyterFrontEnd, palette: ICommandPalette | null): void {
  commands.addCommand(CommandIds.allowNotifications, {
    label: trans.__("Allow Browser Notifications of Jobs"),
    caption: trans.__("Let the browser show a notification when a job ends while the page is hidden"),
    describedBy: { args: { type: "object", properties: {} } },
    isEnabled: canAskPermission,
    execute: askPermission
  });
  palette?.addItem({ command: CommandIds.allowNotifications, category: trans.__("Jobs") });
}
