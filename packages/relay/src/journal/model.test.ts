/** A plain model of the journal against the engine, over restarts, kills, failures and trims. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { command, share, World } from "../testing/journal-world.ts";

test("J1-J7: whatever happens, the journal holds what a plain model holds", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 25 }), share, async (commands, place) => {
      await using world = Object.assign(new World(), {
        [Symbol.asyncDispose]: async () => world.stage[Symbol.asyncDispose](),
      });
      let journal = await world.start();
      for (const step of commands) journal = await world.run(journal, step);
      await journal.flush();
      for (const after of [0, Math.floor(place * world.entries.length), world.gone])
        await world.check(journal, after);
      await journal.close();
      journal = await world.start();
      expect(journal.wasClosed).toBe(true);
      await world.check(journal, 0);
    }),
  );
});
