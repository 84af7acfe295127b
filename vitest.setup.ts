/** How often properties are tried: fast-check's usual 100 times a factor from the environment. */
import { configureGlobal } from "fast-check";

configureGlobal({ numRuns: 100 * Number(process.env["FC_RUNS_FACTOR"] ?? 1) });
