import { defineConfig } from "vitest/config";

export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: {
    environment: "jsdom",
    include: ["labextension/tests/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    unstubGlobals: true
  }
});
