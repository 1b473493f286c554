/** Whether the widget behind a view still has its kernel, as the frontend's widget manager marks it on the view. */
import type { CardConnection } from "./connection";

/** On each view of a model without a live comm: its kernel is gone, or it was read from a file. */
const DISCONNECTED = "jupyter-widgets-disconnected";

/** Where the view stands now. A frontend without that mark has no views that outlive their kernel. */
export function connectionOfView(el: Element): CardConnection {
  return el.classList.contains(DISCONNECTED) ? "gone" : "live";
}

/** Calls `changed` when the view's mark comes or goes, until the function that is returned is called. */
export function followView(el: Element, changed: () => void): () => void {
  let connection = connectionOfView(el);
  const observer = new MutationObserver(() => {
    if (connection !== connectionOfView(el)) {
      connection = connectionOfView(el);
      changed();
    }
  });
  observer.observe(el, { attributeFilter: ["class"] });
  return () => {
    observer.disconnect();
  };
}
