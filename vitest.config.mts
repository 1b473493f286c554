import { defineConfig } from "vitest/config";

export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: {
    environment: "jsdom",
    include: ["labextension/tests/**/*.test.{ts,tsx}"],
    // Only a test that hangs takes that long, in milliseconds: axe needs seconds on a busy machine.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    restoreMocks: true,
    unstubGlobals: true
  }
});
