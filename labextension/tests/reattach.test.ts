import { expect, it } from "vitest";

import { reattachCode } from "../src/reattach";
import { golden } from "./golden";

const at = (locator: Record<string, string> | null): string | null =>
  reattachCode(golden("queued behind many", { job_id: "t-1", locator }));

it("is no code where the job cannot be found again", () => {
  expect(at(null)).toBeNull();
});

it("is the locator's own Python, wrapped as a job", () => {
  expect(at({ import: "from cloud import Task", job: 'Task("t-1")' })).toBe(
    'from cloud import Task\nfrom primwidgets import WidgetJob\n\njob = WidgetJob(Task("t-1"))\njob'
  );
  expect(at({ job: "find()" })).toBe("from primwidgets import WidgetJob\n\njob = WidgetJob(find())\njob");
});

it("is a comment where the locator is not Python, whatever its text holds", () => {
  const code = at({ service: "eu\nimport os\rx\u2028y", region: "1" });
  expect(code).toBe(
    "# How to find the Amazon Braket job t-1 again:\n# service: eu\n# import os\n# x\n# y\n# region: 1"
  );
});
