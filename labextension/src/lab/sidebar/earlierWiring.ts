/** Joins the section of earlier jobs with JupyterLab. */
import type { JupyterFrontEnd } from "@jupyterlab/application";
import { Notification } from "@jupyterlab/apputils";
import { PageConfig, URLExt } from "@jupyterlab/coreutils";
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import { ServerConnection } from "@jupyterlab/services";

import { trans } from "../../i18n/translation";
import { insertCell } from "../outputs/insertCell";
import type { Request } from "./earlierJobs";
import type { IEarlierActions } from "./earlierSection";

/** Whether the server's extension has said in the page that it is there; so no request is made to one that is not. */
export function hasEarlierJobs(): boolean {
  return PageConfig.getOption("primwidgetsJobs") === "true";
}

/** Requests with the page's own login and XSRF token. */
export function requestTo(settings: ServerConnection.ISettings): Request {
  return async (method, path) => {
    const answer = await ServerConnection.makeRequest(URLExt.join(settings.baseUrl, path), { method }, settings);
    const body: unknown = await answer.json().catch(() => null);
    return { status: answer.status, body };
  };
}

export function earlierActions(app: JupyterFrontEnd, notebooks: INotebookTracker | null): IEarlierActions {
  const open = async (path: string): Promise<NotebookPanel | null> => {
    await app.commands.execute("docmanager:open", { path });
    const panel = notebooks?.find(({ context }) => context.path === path) ?? null;
    await panel?.revealed;
    return panel;
  };
  const insert = async (path: string, code: string): Promise<void> => {
    const panel = path === "" ? (notebooks?.currentWidget ?? null) : await open(path);
    if (!panel) {
      throw new Error("no notebook");
    }
    await insertCell(panel, panel.content.activeCellIndex + 1, code);
  };
  const orComplain = (done: Promise<unknown>): void => {
    done.catch(() => Notification.warning(trans.__("The notebook of the job could not be opened.")));
  };
  return {
    openNotebook: path => {
      orComplain(open(path));
    },
    insertCode: (path, code) => {
      orComplain(insert(path, code));
    }
  };
}
