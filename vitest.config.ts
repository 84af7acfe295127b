import { defineConfig } from "vitest/config";

// Packages are read from their sources, so that a test never runs an old build.
const conditions = ["@trunkline/source"];

/** The second tier runs each property more often: `FC_RUNS_FACTOR=20`. */
const isLong = process.env["FC_RUNS_FACTOR"] !== undefined;

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // Vitest would leave a core free, which on two cores is half of them.
    maxWorkers: "100%",
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "tidy.test.ts", "docs.test.ts"],
          setupFiles: ["./vitest.setup.ts"],
          testTimeout: isLong ? 600_000 : 10_000,
        },
      },
      {
        extends: true,
        test: { name: "sim", include: ["sim/**/*.test.ts"], testTimeout: 120_000 },
      },
      {
        extends: true,
        test: { name: "e2e", include: ["e2e/**/*.test.ts"], testTimeout: 60_000 },
      },
    ],
  },
});
