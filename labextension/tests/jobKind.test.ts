import { describe, expect, it } from "vitest";

import { isCancellable, isLive, kindOf, tallyOf, tallyText } from "../src/lab/jobKind";
import { CANCELLED, DONE, FAILED, FakeHub, QUEUED, RUNNING } from "./fakeHub";

const hub = new FakeHub();

describe("the kind of a job", () => {
  it.each([
    ["just wrapped", "queued"],
    [QUEUED, "queued"],
    [RUNNING, "running"],
    [DONE, "done"],
    [FAILED, "failed"],
    [CANCELLED, "cancelled"]
  ])("that is %s is %s", (like, kind) => {
    expect(kindOf(hub.job("a", like))).toBe(kind);
  });

  it("whose kernel is gone is never running", () => {
    const job = hub.job("a", RUNNING, {}, "gone");
    expect(kindOf(job)).toBe("gone");
    expect(isLive(job)).toBe(false);
    expect(isCancellable(job)).toBe(false);
  });

  it("that had ended before its kernel went stays what it was", () => {
    expect(kindOf(hub.job("a", FAILED, {}, "gone"))).toBe("failed");
  });
});

it("offers a cancel only where it can reach somebody", () => {
  expect(isCancellable(hub.job("a", RUNNING))).toBe(true);
  expect(isCancellable(hub.job("a", RUNNING, {}, "lost"))).toBe(false);
  expect(isCancellable(hub.job("a", RUNNING, { can_cancel: false }))).toBe(false);
  expect(isCancellable(hub.job("a", DONE, { can_cancel: true }))).toBe(false);
});

it("counts jobs by kind and says only what there is", () => {
  const tally = tallyOf([
    hub.job("a", RUNNING),
    hub.job("b", RUNNING),
    hub.job("c", FAILED),
    hub.job("d", RUNNING, {}, "gone")
  ]);
  expect(tally).toEqual({ running: 2, queued: 0, failed: 1, done: 0, cancelled: 0, gone: 1 });
  expect(tallyText(tally)).toBe("2 running · 1 failed · 1 without a kernel");
  expect(tallyText(tally, ["failed"])).toBe("1 failed");
});
