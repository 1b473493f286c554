import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { INotebookTracker } from "@jupyterlab/notebook";
import { IRenderMimeRegistry } from "@jupyterlab/rendermime";

import { IJobKernels } from "../jobKernelsPlugin";
import { JobOutput } from "./jobOutput";
import { LostOutputs } from "./lostOutputs";
import { mimeRenderer } from "./mimeRenderer";
import { OutputUpdater } from "./outputUpdater";
import { RerunOutputs } from "./rerunOutputs";
import { JOB_MIME_TYPE } from "../../wire/storedJob";

/** Before that of ipywidgets, which draws the same job where this extension is not. */
const RANK = -100;

/** Keeps the outputs of open notebooks up to date with the jobs they show. */
export const outputUpdaterPlugin: JupyterFrontEndPlugin<void> = {
  id: "primwidgets:output-updater",
  description: "Updates the stored output of a job in open notebooks when the job ends.",
  autoStart: true,
  requires: [INotebookTracker, IJobKernels],
  activate: (_: JupyterFrontEnd, notebooks: INotebookTracker, jobKernels: IJobKernels) => {
    new OutputUpdater(jobKernels.kernels, notebooks);
    new LostOutputs(jobKernels.kernels, notebooks, window.sessionStorage);
    new RerunOutputs(jobKernels.kernels, notebooks);
  }
};

/** Draws jobs in outputs. */
export const rendererPlugin: JupyterFrontEndPlugin<void> = {
  id: "primwidgets:renderer",
  description: "Draws the card of a job in an output.",
  autoStart: true,
  requires: [IRenderMimeRegistry, IJobKernels],
  activate: (_: JupyterFrontEnd, rendermime: IRenderMimeRegistry, jobKernels: IJobKernels) => {
    const { kernels, documents } = jobKernels;
    const renderMime = mimeRenderer(rendermime);
    rendermime.addFactory(
      {
        safe: true, // whatever is stored is shown as text
        mimeTypes: [JOB_MIME_TYPE],
        createRenderer: ({ resolver }) =>
          new JobOutput({
            kernels,
            context: () => documents.contextOf(resolver),
            notebook: () => documents.notebookOf(resolver),
            renderMime
          })
      },
      RANK
    );
  }
};
