/** Delivery in hostile worlds, on virtual time: at least once, in order, the cursor never ahead. */
import assert from "node:assert/strict";
import { test } from "vitest";
import { DeliveryWorld } from "../testing/delivery-world.ts";

/** `DELIVERY_WORLDS=2000 npm exec -- vitest run --project unit delivery.sim` runs more. */
const worlds = Number(process.env["DELIVERY_WORLDS"] ?? 80);
const firstSeed = Number(process.env["DELIVERY_SEED"] ?? 1);

test(
  `${worlds} hostile worlds: everything is written, dead-lettered or behind the cursor, in order`,
  async () => {
    const sum = { arrivals: 0, duplicates: 0, refused: 0, crashes: 0, rewinds: 0, halts: 0 };
    for (let seed = firstSeed; seed < firstSeed + worlds; seed++) {
      try {
        const world = new DeliveryWorld(seed);
        await world.storm(40);
        await world.heal();
        sum.arrivals += world.account.arrivals;
        sum.duplicates += world.account.duplicates;
        sum.refused += world.journal.disk.lastDeadLetter;
        sum.crashes += world.crashes;
        sum.rewinds += world.rewinds;
        sum.halts += world.halts;
      } catch (error) {
        throw new Error(`world ${seed}: ${String(error)}`, { cause: error });
      }
    }
    const told = JSON.stringify(sum);
    if (worlds < 80) return;
    // The worlds were hostile indeed.
    assert.ok(sum.arrivals > 20_000 && sum.duplicates > 500, told);
    assert.ok(sum.refused > 200 && sum.crashes > 200 && sum.halts > 50, told);
    assert.ok(sum.rewinds > 10, told);
  },
  30_000 + worlds * 1_000,
);
