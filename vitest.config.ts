import { defineConfig } from "vitest/config";

// Packages are read from their sources, so that a test never runs an old build.
const conditions = ["@trunkline/source"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "tidy.test.ts", "docs.test.ts"],
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
