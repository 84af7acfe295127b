import { expect, test } from "vitest";
import { runLineWorld } from "./line-world.ts";

/** `SIM_SEED=7 npx vitest run --project sim` replays one world; `SIM_WORLDS=1000` runs many. */
const only = process.env["SIM_SEED"];
const worlds = Number(process.env["SIM_WORLDS"] ?? 100);
const seeds =
  only === undefined ? Array.from({ length: worlds }, (_, index) => index + 1) : [Number(only)];

test.each(seeds)(
  "world %i: what was emitted on a carried topic came once or lies in a gap",
  async (seed) => {
    const { delivered } = await runLineWorld(seed);
    expect(delivered).toBeGreaterThan(0);
  },
);
