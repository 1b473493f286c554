import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import schema from "../schema/notifications.json";
import { askPermission, canAskPermission, showBrowserNotification } from "../src/lab/notifications/browserNotification";
import { JobNotifier } from "../src/lab/notifications/jobNotifier";
import { notificationOf, type JobNotification } from "../src/lab/notifications/jobNotification";
import { DEFAULTS, readSettings, type NotificationSettings } from "../src/lab/notifications/notificationSettings";
import { CANCELLED, DONE, FAILED, FakeHub, RUNNING } from "./fakeHub";

const EVERYTHING: NotificationSettings = {
  done: true,
  failed: true,
  cancelled: true,
  minimumSeconds: 0,
  browser: true
};

let hub: FakeHub;
let settings: NotificationSettings;
let shown: JobNotification[];
let notifier: JobNotifier;

beforeEach(() => {
  vi.useFakeTimers();
  hub = new FakeHub();
  settings = EVERYTHING;
  shown = [];
  notifier = new JobNotifier(
    hub,
    () => settings,
    notification => shown.push(notification)
  );
});

afterEach(() => {
  notifier.dispose();
  vi.useRealTimers();
});

/** Starts jobs and ends them like the golden ones, and lets the time of a burst pass. */
function end(likes: Readonly<Record<string, string>>, change: Parameters<FakeHub["job"]>[2] = {}): void {
  hub.set(...Object.keys(likes).map(key => hub.job(key, RUNNING)));
  hub.set(...Object.entries(likes).map(([key, like]) => hub.job(key, like, change)));
  vi.runAllTimers();
}

const texts = (): readonly string[] => shown.map(({ text }) => text);

describe("the end of a job is notified", () => {
  it("with its name and how long it took", () => {
    end({ vqe: DONE }, { created_at: 100, finished_at: 165 });
    expect(texts()).toEqual(["vqe finished in 1 min 05 s"]);
    expect(shown[0]).toMatchObject({ type: "success", job: { key: "vqe" } });
  });

  it("with the reason where it failed", () => {
    end({ vqe: FAILED }, { error: { type: "ValueError", message: "no\n shots", traceback: null, chain: [] } });
    expect(shown[0]).toMatchObject({ type: "error", text: "vqe failed: ValueError: no shots" });
  });

  it("where its provider has deleted it", () => {
    end({ vqe: FAILED }, { gone: true });
    expect(texts()).toEqual(["vqe is gone: the provider no longer knows this job"]);
  });

  it("where it is cancelled", () => {
    end({ vqe: CANCELLED });
    expect(shown[0]).toMatchObject({ type: "info", text: "vqe was cancelled" });
  });

  it("once", () => {
    end({ vqe: DONE });
    hub.set(hub.job("vqe", DONE, { message: "Archived" }));
    vi.runAllTimers();
    expect(shown).toHaveLength(1);
  });

  it("also where it was too quick to be seen running", () => {
    hub.set(hub.job("other", RUNNING));
    hub.set(hub.job("quick", DONE));
    vi.runAllTimers();
    expect(texts()[0]).toContain("quick finished");
  });
});

describe("the end of a job is not notified", () => {
  it("that had ended before the page was loaded", () => {
    hub.set(hub.job("old", DONE));
    vi.runAllTimers();
    expect(shown).toEqual([]);
  });

  it("that had ended before this listened", () => {
    hub.jobs = [hub.job("x", RUNNING), hub.job("old", DONE)];
    const late = new JobNotifier(
      hub,
      () => settings,
      notification => shown.push(notification)
    );
    notifier.dispose();
    hub.set();
    vi.runAllTimers();
    expect(shown).toEqual([]);
    late.dispose();
  });

  it.each([
    ["done", DONE],
    ["failed", FAILED],
    ["cancelled", CANCELLED]
  ] as const)("that is %s where the reader does not want it", (kind, like) => {
    settings = { ...EVERYTHING, [kind]: false };
    end({ vqe: like });
    expect(shown).toEqual([]);
  });

  it("that took less time than the reader set", () => {
    settings = { ...EVERYTHING, minimumSeconds: 10 };
    end({ short: DONE }, { created_at: 100, finished_at: 109 });
    expect(shown).toEqual([]);
    end({ long: DONE }, { created_at: 100, finished_at: 110 });
    expect(shown).toHaveLength(1);
  });

  it("after the end, and no timer is left", () => {
    hub.set(hub.job("vqe", RUNNING));
    hub.set(hub.job("vqe", DONE));
    notifier.dispose();
    expect(vi.getTimerCount()).toBe(0);
    end({ bell: DONE });
    expect(shown).toEqual([]);
  });
});

describe("many jobs that end at once", () => {
  it("are notified one by one while they are few", () => {
    end({ a: DONE, b: DONE, c: FAILED });
    expect(shown).toHaveLength(3);
  });

  it("are notified in one message, which says whether any failed", () => {
    end({ a: DONE, b: DONE, c: FAILED, d: CANCELLED });
    expect(shown).toEqual([{ type: "error", text: "4 jobs finished: 1 failed · 2 done · 1 cancelled", job: null }]);
  });

  it("are notified in one message also where they end one after the other", () => {
    const names = ["a", "b", "c", "d", "e"];
    hub.set(...names.map(name => hub.job(name, RUNNING)));
    for (const name of names) {
      hub.set(hub.job(name, DONE));
      vi.advanceTimersByTime(100);
    }
    vi.runAllTimers();
    expect(texts()).toEqual(["5 jobs finished: 5 done"]);
  });

  it("are notified every few seconds where they go on ending", () => {
    const names = Array.from({ length: 100 }, (_, index) => `job ${index}`);
    hub.set(...names.map(name => hub.job(name, RUNNING)));
    for (const name of names) {
      hub.set(hub.job(name, DONE));
      vi.advanceTimersByTime(100);
    }
    vi.runAllTimers();
    expect(texts()).toEqual(["10", "50", "40"].map(count => `${count} jobs finished: ${count} done`));
  });
});

it("keeps names and reasons short enough to be read, and never cuts a character in two", () => {
  const name = "🙂".repeat(60);
  const { text } = notificationOf(
    hub.job("x", FAILED, { name, error: { type: "E", message: "m".repeat(5000), traceback: null, chain: [] } })
  );
  expect(Array.from(text)).toHaveLength(140);
  expect(text).toContain(`${"🙂".repeat(39)}… failed: E: mmm`);
});

describe("the settings", () => {
  it("have the defaults that their schema names", () => {
    const defaults = Object.entries(schema.properties).map(([name, { default: value }]) => [name, value]);
    expect(Object.fromEntries(defaults)).toEqual(DEFAULTS);
  });

  it("are taken from what the reader wrote", () => {
    const written = { done: false, failed: false, cancelled: true, minimumSeconds: 3, browser: false };
    expect(readSettings(written)).toEqual(written);
  });

  it.each([{}, { done: "no", minimumSeconds: -1 }, { minimumSeconds: NaN, browser: null }])(
    "fall back to the defaults in %j",
    written => {
      expect(readSettings(written)).toEqual(DEFAULTS);
    }
  );
});

/** The browser's notifications, with the permission that the test gives. */
class FakeNotification {
  static permission = "granted";
  static requestPermission = vi.fn(() => Promise.resolve("granted"));
  static shown: FakeNotification[] = [];
  onclick: (() => void) | null = null;
  close = vi.fn();

  constructor(
    readonly text: string,
    readonly options: { tag: string }
  ) {
    FakeNotification.shown.push(this);
  }
}

describe("the browser", () => {
  beforeEach(() => {
    FakeNotification.permission = "granted";
    FakeNotification.shown = [];
    vi.stubGlobal("Notification", FakeNotification);
    vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  });

  it("tells it while the page is hidden, and leads back to the page", () => {
    const focus = vi.spyOn(window, "focus").mockReturnValue();
    const onClick = vi.fn();
    showBrowserNotification("vqe finished", "k1/vqe", onClick);
    const [notification] = FakeNotification.shown;
    expect(notification).toMatchObject({ text: "vqe finished", options: { tag: "k1/vqe" } });
    notification?.onclick?.();
    expect(focus).toHaveBeenCalledOnce();
    expect(onClick).toHaveBeenCalledOnce();
    expect(notification?.close).toHaveBeenCalledOnce();
  });

  it("keeps quiet while the page can be seen", () => {
    vi.spyOn(document, "hidden", "get").mockReturnValue(false);
    showBrowserNotification("x", "x", vi.fn());
    expect(FakeNotification.shown).toEqual([]);
  });

  it.each(["default", "denied"])("keeps quiet where the permission is %s", permission => {
    FakeNotification.permission = permission;
    showBrowserNotification("x", "x", vi.fn());
    expect(FakeNotification.shown).toEqual([]);
  });

  it("is asked for the permission only while it has not answered", async () => {
    expect(canAskPermission()).toBe(false);
    FakeNotification.permission = "default";
    expect(canAskPermission()).toBe(true);
    await askPermission();
    expect(FakeNotification.requestPermission).toHaveBeenCalledOnce();
  });

  it("may have no notifications, or refuse to make one", async () => {
    vi.stubGlobal("Notification", undefined);
    expect(canAskPermission()).toBe(false);
    await askPermission();
    showBrowserNotification("x", "x", vi.fn());
    const refuse = vi.fn(function () {
      throw new TypeError("Illegal constructor");
    });
    vi.stubGlobal("Notification", Object.assign(refuse, { permission: "granted" }));
    showBrowserNotification("x", "x", vi.fn());
    expect(refuse).toHaveBeenCalledOnce();
  });
});
