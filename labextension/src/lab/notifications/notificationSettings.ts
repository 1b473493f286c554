/** Which job completions to notify about, and how: the settings of `labextension/schema/notifications.json`. */

export type NotificationSettings = Readonly<{
  done: boolean;
  failed: boolean;
  cancelled: boolean;
  /** No notification for jobs that took fewer seconds than this. */
  minimumSeconds: number;
  /** Whether to show a browser notification, too, while the page is hidden. */
  browser: boolean;
}>;

export const DEFAULTS: NotificationSettings = {
  done: true,
  failed: true,
  cancelled: false,
  minimumSeconds: 10,
  browser: true
};

/** The settings as the user wrote them, which can be anything; defaults replace what is not valid. */
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
