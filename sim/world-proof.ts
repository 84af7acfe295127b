import { expect, test } from "vitest";
import { runRelayWorld } from "./relay-world.ts";

const worlds = 100;

/**
 * Every other world: two files share them, so that each core has a half.
 * `npm run sim -- --from 7 --to 7` replays one, and runs as many as are wanted.
 */
export function proveWorlds(first: 1 | 2): void {
  const seeds = Array.from({ length: worlds / 2 }, (_, index) => first + 2 * index);
  test.each(seeds)(
    "world %i: what was emitted on a carried topic came once or lies in a gap",
    async (seed) => {
      const { delivered } = await runRelayWorld(seed);
      expect(delivered).toBeGreaterThan(0);
    },
  );
}
