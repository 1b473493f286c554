/** The browser's own notifications: they are seen while the page is not. */

/** The part of the browser's API that is used; pages served over plain http may not have it. */
type BrowserApi = typeof globalThis.Notification | undefined;

function browserApi(): BrowserApi {
  return (globalThis as { Notification?: typeof globalThis.Notification }).Notification;
}

/** Whether the user can still be asked for the permission. */
export function canAskPermission(): boolean {
  return browserApi()?.permission === "default";
}

/** Asks the user; browsers allow that only right after a click or a key press. */
export async function askPermission(): Promise<void> {
  await browserApi()?.requestPermission();
}

/**
 * Shows a text while the page is hidden, where that is allowed.
 *
 * @param tag - messages of several pages with the same tag are shown as one.
 * @param onClick - called after a click, when the page has come to the front.
 */
export function showBrowserNotification(text: string, tag: string, onClick: () => void): void {
  const Api = browserApi();
  if (Api?.permission !== "granted" || !document.hidden) {
    return;
  }
  try {
    const notification = new Api(text, { tag });
    notification.onclick = () => {
      window.focus();
      notification.close();
      onClick();
    };
  } catch {
    // Some mobile browsers have the API, and throw.
  }
}
