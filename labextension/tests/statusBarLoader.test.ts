import type { JupyterFrontEnd } from "@jupyterlab/application";
import { expect, it, vi } from "vitest";

import { statusBarLoader } from "../src/lab/statusBar/loader";

const missing = vi.hoisted(() => ({ is: false }));

vi.mock("../src/lab/statusBar/plugin", () => ({
  get statusBarPlugin(): object {
    if (missing.is) {
      throw new Error("Shared module @jupyterlab/statusbar doesn't exist in shared scope default");
    }
    return { id: "primwidgets:status-bar" };
  }
}));

function application(): { registerPlugin: ReturnType<typeof vi.fn>; activatePlugin: ReturnType<typeof vi.fn> } {
  return { registerPlugin: vi.fn(), activatePlugin: vi.fn(() => Promise.resolve()) };
}

async function load(app: object): Promise<void> {
  await statusBarLoader.activate(app as JupyterFrontEnd);
}

it("adds the item of the status bar to an application that has started already", async () => {
  const app = application();
  await load(app);
  expect(app.registerPlugin.mock.calls).toEqual([[{ id: "primwidgets:status-bar" }]]);
  expect(app.activatePlugin.mock.calls).toEqual([["primwidgets:status-bar"]]);
});

it("adds nothing, and fails nowhere, where the application has no package for it", async () => {
  missing.is = true;
  const app = application();
  await load(app);
  expect(app.registerPlugin).not.toHaveBeenCalled();
});
