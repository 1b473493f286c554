import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { IConsoleTracker } from "@jupyterlab/console";
import { INotebookTracker } from "@jupyterlab/notebook";
import { ITranslator } from "@jupyterlab/translation";
import { Token } from "@lumino/coreutils";

import { JobHub } from "../hub/jobHub";
import { IJobHub } from "../hub/tokens";
import GERMAN from "../i18n/german.json";
import { noteLanguage } from "../i18n/pageLanguage";
import { speak, translateWith } from "../i18n/translation";
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
    setLanguage(translator);
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

/** Speaks the language of the application: with our own catalogue, else with one of its language packs. */
function setLanguage(translator: ITranslator | null): void {
  const tag = translator?.languageCode ?? "en";
  noteLanguage(tag);
  if (/^de\b|^de_/i.test(tag)) {
    speak("de", GERMAN);
  } else {
    translateWith(translator?.load("primwidgets") ?? null);
  }
}

/** Gives the jobs to other plugins and extensions. */
export const jobHubPlugin: JupyterFrontEndPlugin<IJobHub> = {
  id: "primwidgets:hub",
  description: "Provides the jobs of all kernels, live.",
  autoStart: true,
  requires: [IJobKernels],
  provides: IJobHub,
  activate: (_: JupyterFrontEnd, jobKernels: IJobKernels) => jobKernels.kernels.hub
};
