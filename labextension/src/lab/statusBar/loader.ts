import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";

/**
 * Adds the item of the status bar, from a chunk of its own: an application need not have the package of the status bar
 * (Voilà has none), and what is missing for a chunk fails with that chunk alone.
 */
export const statusBarLoader: JupyterFrontEndPlugin<void> = {
  id: "primwidgets:status-bar-loader",
  description: "Loads what shows jobs in the status bar, where the application has one.",
  autoStart: true,
  activate: async (app: JupyterFrontEnd) => {
    try {
      const { statusBarPlugin } = await import("./plugin");
      app.registerPlugin(statusBarPlugin);
      await app.activatePlugin(statusBarPlugin.id);
    } catch {
      // There is no such package here, so there is no status bar either.
    }
  }
};
