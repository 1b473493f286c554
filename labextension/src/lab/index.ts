/** The JupyterLab extension. */
import type { JupyterFrontEndPlugin } from "@jupyterlab/application";

import { jobHubPlugin, jobKernelsPlugin } from "./jobKernelsPlugin";
import { rendererPlugin } from "./rendererPlugin";

export { IJobHub } from "../hub/tokens";
export type { IHubJob, IHubKernel, JobLife } from "../hub/tokens";

const plugins: readonly JupyterFrontEndPlugin<unknown>[] = [
  jobKernelsPlugin,
  jobHubPlugin,
  rendererPlugin
] as readonly JupyterFrontEndPlugin<unknown>[];

export default plugins;
