import type { JupyterFrontEndPlugin } from "@jupyterlab/application";
import { Notification } from "@jupyterlab/apputils";

import { trans } from "../i18n/translation";

/**
 * Says why widgets stay empty where the page's policy forbids their modules. anywidget loads each module from a blob,
 * and what is shown instead of a widget does not name the policy.
 */
export const policyPlugin: JupyterFrontEndPlugin<void> = {
  id: "primwidgets:policy",
  description: "Says which policy of the page keeps cards in boxes from being drawn.",
  autoStart: true,
  activate: () => {
    document.addEventListener("securitypolicyviolation", warn);
  }
};

function warn({ blockedURI, effectiveDirective, disposition }: SecurityPolicyViolationEvent): void {
  const isModule = /^blob\b/.test(blockedURI) && effectiveDirective.startsWith("script-src");
  if (isModule && disposition === "enforce") {
    document.removeEventListener("securitypolicyviolation", warn);
    Notification.warning(
      trans.__(
        "This page blocks the scripts of widgets, so job cards in boxes and job boards cannot be drawn. The server’s Content-Security-Policy has to allow “blob:” in script-src."
      ),
      { autoClose: false }
    );
  }
}
