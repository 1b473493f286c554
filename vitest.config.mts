import { defineConfig } from "vitest/config";

export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: {
    environment: "jsdom",
    // Makes a page once for each worker and a scope for each file, which takes a third of the time.
    pool: "vmThreads",
    include: ["labextension/tests/**/*.test.{ts,tsx}"],
    setupFiles: ["labextension/tests/setup.ts"],
    // Only a test that hangs takes that long, in milliseconds: axe needs seconds on a busy machine.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    restoreMocks: true,
    unstubGlobals: true
  }
});
