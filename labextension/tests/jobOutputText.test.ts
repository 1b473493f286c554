import "./dragEvent";

import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import { Signal } from "@lumino/signaling";
import { expect, it } from "vitest";

import { JobHub } from "../src/hub/jobHub";
import type { JobKernels } from "../src/lab/jobKernels";
import { JobOutput } from "../src/lab/outputs/jobOutput";

it("shows a bounded text of a job that this version cannot read", async () => {
  const kernels = { hub: new JobHub(), contextChanged: new Signal({}) } as unknown as JobKernels;
  const output = new JobOutput({ kernels, context: () => null, notebook: () => null });
  const data = { "application/vnd.primwidgets.job+json": { primwidgets: 2 }, "text/plain": ["x\n".repeat(1_000_000)] };
  await output.renderModel({ data } as unknown as IRenderMime.IMimeModel);
  expect(output.node.textContent).toMatch(/^x\nx/);
  expect(output.node.textContent.length).toBeLessThan(30_000);
  output.dispose();
});
