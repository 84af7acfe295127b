import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

// Packages are read from their sources, so that a test never runs an old build.
const conditions = ["@trunkline/source"];

/**
 * The journal's thread is run from its source by Node itself, which takes the types away by code in
 * WebAssembly. What it made is kept, so that this happens once and not for each of a thousand threads.
 */
process.env["NODE_COMPILE_CACHE"] ??= join(import.meta.dirname, "node_modules", ".cache", "node");
/**
 * V8 of Node 24 now and then falls over (SIGSEGV in `Runtime_TierUpWasmToJSWrapper`) where several threads
 * share that WebAssembly and call it often. It is never called so often.
 */
const execArgv = ["--wasm-wrapper-tiering-budget=1000000000"];

/** The second tier runs each property more often: `FC_RUNS_FACTOR=20`. */
const isLong = process.env["FC_RUNS_FACTOR"] !== undefined;

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // Vitest would leave a core free, which on two cores is half of them. Tests on real sockets and processes
    // mostly wait, so that one worker more than there are cores is busy, too.
    maxWorkers: availableParallelism() + 1,
    execArgv,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          // A worker for each file would cost more than the tests; they share nothing that they change.
          isolate: false,
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
