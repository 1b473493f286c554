/** Which ends of jobs are told, and how: the settings of `labextension/schema/notifications.json`. */

export type NotificationSettings = Readonly<{
  done: boolean;
  failed: boolean;
  cancelled: boolean;
  /** Jobs that took less than so many seconds are not told. */
  minimumSeconds: number;
  /** Whether the browser tells it, too, while the page is hidden. */
  browser: boolean;
}>;

export const DEFAULTS: NotificationSettings = {
  done: true,
  failed: true,
  cancelled: false,
  minimumSeconds: 10,
  browser: true
};

/** The settings in what the reader wrote, which can be anything; the defaults stand for the rest. */
export function readSettings(written: Readonly<Record<string, unknown>>): NotificationSettings {
  const flag = (name: "done" | "failed" | "cancelled" | "browser"): boolean => {
    const value = written[name];
    return typeof value === "boolean" ? value : DEFAULTS[name];
  };
  const seconds = written["minimumSeconds"];
  return {
    done: flag("done"),
    failed: flag("failed"),
    cancelled: flag("cancelled"),
    minimumSeconds: typeof seconds === "number" && seconds >= 0 ? seconds : DEFAULTS.minimumSeconds,
    browser: flag("browser")
  };
}
