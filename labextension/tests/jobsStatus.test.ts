import "./dragEvent";

import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import type { IHubJob } from "../src/hub/tokens";
import { seenFailures } from "../src/lab/seenFailures";
import { JobsStatus } from "../src/lab/statusBar/jobsStatus";
import { DONE, FAILED, FakeHub, QUEUED, RUNNING } from "./fakeHub";

let hub: FakeHub;
let item: JobsStatus;
const open = vi.fn();

beforeEach(() => {
  hub = new FakeHub();
  void act(() => {
    item = new JobsStatus(hub, open);
  });
});

afterEach(() => {
  item.dispose();
});

function set(...jobs: readonly IHubJob[]): void {
  void act(() => {
    hub.set(...jobs);
  });
}

const counts = (): readonly string[] =>
  [...item.node.querySelectorAll<HTMLElement>("[data-kind]")].map(
    ({ dataset, textContent }) => `${String(dataset["kind"])} ${textContent}`
  );

it("tells how many jobs are running, queued and failed", () => {
  set(hub.job("a", RUNNING), hub.job("b", RUNNING), hub.job("c", QUEUED), hub.job("d", FAILED), hub.job("e", DONE));
  expect(counts()).toEqual(["running 2 running", "queued 1 queued", "failed 1 failed"]);
  expect(item.node.querySelector("button > :not([aria-hidden])")?.textContent).toBe(
    "Jobs: 2 running · 1 queued · 1 failed"
  );
});

it("leaves out what there is none of, and does not count jobs whose kernel is gone", () => {
  set(hub.job("a", RUNNING, {}, "gone"), hub.job("c", QUEUED));
  expect(counts()).toEqual(["queued 1 queued"]);
});

it("does not count failures that were seen in a list", () => {
  set(hub.job("f1", FAILED), hub.job("f2", FAILED), hub.job("r", RUNNING));
  expect(counts()).toEqual(["running 1 running", "failed 2 failed"]);
  void act(() => {
    seenFailures.note(hub.jobs.slice(0, 1));
  });
  expect(counts()).toEqual(["running 1 running", "failed 1 failed"]);
  void act(() => {
    seenFailures.note(hub.jobs);
  });
  expect(counts()).toEqual(["running 1 running"]);
});

it("is there only while there is anything to tell, and says so once for each change", () => {
  const changes: boolean[] = [];
  item.activeChanged.connect(({ isActive }) => changes.push(isActive), {});
  set(hub.job("a", RUNNING));
  set(hub.job("b", RUNNING));
  set(hub.job("a", DONE), hub.job("b", DONE));
  expect(changes).toEqual([true, false]);
});

it("opens the sidebar on a click", () => {
  set(hub.job("a", RUNNING));
  item.node.querySelector("button")?.click();
  expect(open).toHaveBeenCalledOnce();
});

it("hears nothing after its end", () => {
  set(hub.job("a", RUNNING));
  item.dispose();
  set(hub.job("b", RUNNING));
  expect(item.node.childElementCount).toBe(0);
});
