/** The JupyterLab extension. */
import type { JupyterFrontEndPlugin } from "@jupyterlab/application";

import { boardPlugin } from "./board/plugin";
import { commandsPlugin } from "./commands/plugin";
import { jobHubPlugin, jobKernelsPlugin } from "./jobKernelsPlugin";
import { notificationsPlugin } from "./notifications/plugin";
import { outputUpdaterPlugin, rendererPlugin } from "./outputs/rendererPlugin";
import { policyPlugin } from "./policyPlugin";
import { sidebarPlugin } from "./sidebar/plugin";
import { statusBarLoader } from "./statusBar/loader";

export { IJobHub } from "../hub/tokens";
export type { IHubJob, IHubKernel, JobConnection } from "../hub/tokens";

const plugins: readonly JupyterFrontEndPlugin<unknown>[] = [
  jobKernelsPlugin,
  jobHubPlugin,
  rendererPlugin,
  outputUpdaterPlugin,
  sidebarPlugin,
  boardPlugin,
  statusBarLoader,
  notificationsPlugin,
  commandsPlugin,
  policyPlugin
] as readonly JupyterFrontEndPlugin<unknown>[];

export default plugins;
