import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { IConsoleTracker } from "@jupyterlab/console";
import { INotebookTracker } from "@jupyterlab/notebook";
import { ITranslator } from "@jupyterlab/translation";
import { Token } from "@lumino/coreutils";

import { JobHub } from "../hub/jobHub";
import { IJobHub } from "../hub/tokens";
import { translateWith } from "../i18n/translation";
import { Documents } from "./documents";
import { JobKernels } from "./jobKernels";

/** What the plugins of this extension share about kernels. */
export interface IJobKernels {
  readonly kernels: JobKernels;
  readonly documents: Documents;
}

export const IJobKernels = new Token<IJobKernels>("primwidgets:IJobKernels");

/** Follows the hubs of all kernels. All other plugins need it, so it is what sets the language for all of them. */
export const jobKernelsPlugin: JupyterFrontEndPlugin<IJobKernels> = {
  id: "primwidgets:kernels",
  description: "Tracks the jobs of all kernels.",
  autoStart: true,
  provides: IJobKernels,
  optional: [INotebookTracker, IConsoleTracker, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null,
    translator: ITranslator | null
  ) => {
    translateWith(translator?.load("primwidgets") ?? null);
    const { serviceManager } = app;
    const kernels = new JobKernels(new JobHub(), serviceManager);
    const documents = new Documents(notebooks, consoles);
    documents.forEach(context => {
      kernels.follow(context);
    });
    // Until then the notebooks that were open are being opened again, each with its kernel.
    void app.restored.then(() => {
      kernels.followOthers();
    });
    return { kernels, documents };
  }
};

/** Gives the jobs to other plugins and extensions. */
export const jobHubPlugin: JupyterFrontEndPlugin<IJobHub> = {
  id: "primwidgets:hub",
  description: "Provides the jobs of all kernels, live.",
  autoStart: true,
  requires: [IJobKernels],
  provides: IJobHub,
  activate: (_: JupyterFrontEnd, jobKernels: IJobKernels) => jobKernels.kernels.hub
};
