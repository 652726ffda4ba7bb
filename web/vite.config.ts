import { defineConfig } from "vitest/config";

// One file without dependencies: dist/widget.js. `npm ci && npm run build` gives the
// same bytes on every machine.
export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact", legalComments: "none" },
  define: { "process.env.NODE_ENV": '"production"' },
  build: {
    target: ["chrome79", "safari13.1", "firefox78"],
    modulePreload: false,
    lib: {
      entry: "src/main.tsx",
      formats: ["iife"],
      name: "xieshang",
      fileName: () => "widget.js",
    },
  },
  test: {
    environment: "jsdom",
    // One window for all of them: to make it takes longer than the tests.
    isolate: false,
    poolOptions: { forks: { singleFork: true } },
    include: ["test/**/*.test.{ts,tsx}"],
  },
});
