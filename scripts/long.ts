/**
 * The second tier: large counts, other versions of Node, real processes again and again. Last line
 * `N passed, N failed`. `npm run test:long`.
 */
import { availableParallelism } from "node:os";
import { runChecks, type Check } from "./checks.ts";

const node = process.execPath;
const worlds = 200;
const worldsPerCheck = 100;

const storms: readonly Check[] = Array.from({ length: worlds / worldsPerCheck }, (_, index) => {
  // Other seeds than those of the first tier.
  const from = 1_001 + index * worldsPerCheck;
  const to = from + worldsPerCheck - 1;
  return {
    name: `${worldsPerCheck} simulated worlds, seeds ${from} to ${to}`,
    command: [
      node,
      "--conditions=@trunkline/source",
      "scripts/sim.ts",
      "--from",
      `${from}`,
      "--to",
      `${to}`,
      // The checks themselves share the cores.
      "--jobs",
      "1",
    ],
  };
});

const vitest = "node_modules/vitest/vitest.mjs";

const alone: readonly Check[] = [
  ...["first", "second", "third"].map((turn): Check => ({
    name: `a line on real sockets, ${turn} time`,
    command: [node, vitest, "run", "--project", "e2e", "e2e/line.test.ts"],
  })),
  {
    name: "a relay killed 50 times under load",
    command: [node, vitest, "run", "--project", "e2e", "e2e/relay-kill"],
    env: { KILLS: "50" },
  },
  {
    name: "a relay killed 20 times under 50 subscribers of its Event API",
    command: [node, vitest, "run", "--project", "e2e", "e2e/gateway-kill.test.ts"],
    env: { KILLS: "20" },
  },
  {
    name: "relays in storms of 40 strikes on real roads",
    command: [node, vitest, "run", "--project", "e2e", "e2e/chaos.test.ts"],
    env: { STORMS: "40" },
  },
  {
    name: "the ledger of a mock against its sockets, and its world in two processes, 200 seeds",
    command: [node, vitest, "run", "--project", "e2e", "e2e/mock-ledger.test.ts"],
    env: { SEEDS: "200", FIRST_SEED: "1001" },
  },
  {
    name: "a mock under 100,000 malformed requests, bytes, upgrades and frames",
    command: [node, vitest, "run", "--project", "e2e", "e2e/mock-fuzz.test.ts"],
    env: { FUZZ: "100000", FUZZ_SEED: "2" },
  },
  {
    name: "the Event API under 100,000 wrong and half-wrong messages, and 20,000 requests",
    command: [node, vitest, "run", "--project", "e2e", "e2e/gateway-rough"],
    env: { FUZZ: "100000", FUZZ_SEED: "2" },
  },
  {
    name: "property tests with twenty times the runs",
    command: [node, vitest, "run", "--project", "unit"],
    env: { FC_RUNS_FACTOR: "20" },
  },
  { name: "deliberate bugs, each caught by a test", command: [node, "scripts/mutants.ts"] },
];

/** Those that wait more than they work. */
const patient: readonly Check[] = [
  {
    name: "1,200 users and 500 queues by one subscription, of which some come and go",
    command: [node, vitest, "run", "--project", "e2e", "e2e/gateway-organisation.test.ts"],
    env: { USERS: "1200", LISTINGS: "1" },
  },
  {
    name: "examples in every language that is here, cut off and restarted under",
    command: [node, "scripts/examples.ts"],
  },
  {
    name: "a relay killed 100 times, and 100 tokens that expire, under the subscriber library",
    command: [node, vitest, "run", "--project", "e2e", "e2e/subscriber-kill.test.ts"],
    env: { KILLS: "100", EXPIRIES: "100" },
  },
  {
    name: "the threads' programs, held for 40 s",
    command: [node, vitest, "run", "--project", "e2e", "e2e/threads/003.test.ts"],
    env: { HELD_SECONDS: "40" },
  },
  {
    name: "a journal killed 50 times",
    command: [node, vitest, "run", "--project", "e2e", "e2e/journal.test.ts"],
    env: { KILLS: "50" },
  },
  {
    name: "a program that reconnects by hand, and one with the library, killed 30 times",
    command: [node, vitest, "run", "--project", "e2e", "e2e/reconnect-page.test.ts"],
    env: { KILLS: "30" },
  },
  {
    name: "the client, and both ways to subscribe, on Node 22",
    command: [node, "scripts/old-node.ts", "22"],
  },
  {
    name: "a full disk, where no file system can be mounted",
    command: [
      node,
      vitest,
      "run",
      "--project",
      "e2e",
      "e2e/relay-disk-full.test.ts",
      "e2e/relay-refusals.test.ts",
    ],
    env: { NO_TMPFS: "1" },
  },
  {
    name: "the programs of the threads in other languages, where their tools are",
    command: [node, vitest, "run", "--project", "e2e", "e2e/threads-languages.test.ts"],
    env: { LANGUAGES: "1" },
  },
];

await runChecks([
  { checks: storms, atOnce: availableParallelism() },
  { checks: patient, atOnce: availableParallelism() },
  { checks: alone, atOnce: 1 },
]);
