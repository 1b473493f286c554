/** A page that blocks the modules of widgets says so. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";

const warning = vi.hoisted(() => vi.fn());
vi.mock("@jupyterlab/apputils", () => ({ Notification: { warning } }));

import { policyPlugin } from "../src/lab/policyPlugin";

function violate(blockedURI: string, effectiveDirective: string, disposition = "enforce"): void {
  document.dispatchEvent(
    Object.assign(new Event("securitypolicyviolation"), { blockedURI, effectiveDirective, disposition })
  );
}

beforeEach(() => {
  void policyPlugin.activate({} as never);
});

afterEach(() => {
  violate("blob", "script-src-elem"); // what was listening has its event
  warning.mockClear();
});

it("names the policy once, however many modules are blocked", () => {
  violate("blob", "script-src-elem");
  violate("blob:http://localhost/1", "script-src");
  expect(warning).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("Content-Security-Policy"), {
    autoClose: false
  });
});

it.each([
  ["https://example.org/a.js", "script-src-elem", "enforce"],
  ["blob", "img-src", "enforce"],
  ["blob", "script-src-elem", "report"]
])("says nothing where something else is blocked, or nothing is: %s %s %s", (uri, directive, disposition) => {
  violate(uri, directive, disposition);
  expect(warning).not.toHaveBeenCalled();
});
