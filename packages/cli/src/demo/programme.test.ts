import { expect, test } from "vitest";
import { programmeOf } from "./programme.ts";

test("with no end, or time enough, all kinds of interruption have their place, one after the other", () => {
  for (const forMs of [undefined, 20_000, 36_000, 600_000]) {
    const { acts, channelLifeMs, tokenLifeS } = programmeOf(forMs);
    expect(acts.map(({ name }) => name)).toEqual([
      "announced close",
      "abrupt cut",
      "silent socket",
    ]);
    const [announced, , silent] = acts.map(({ atMs }) => atMs);
    // The channel that answers the announced close is replaced after the cut, then comes the token.
    const channelMs = (announced ?? 0) + channelLifeMs * 0.9;
    expect(channelMs).toBeLessThan(tokenLifeS * 1_000 * 0.8);
    expect(tokenLifeS * 1_000 * 0.9).toBeLessThan(silent ?? 0);
    expect((silent ?? 0) + 3_000).toBeLessThan(forMs ?? Number.POSITIVE_INFINITY);
  }
});

test("in less time the line is only cut, in the middle, and nothing else ends", () => {
  expect(programmeOf(4_000)).toEqual({
    acts: [{ name: "abrupt cut", atMs: 2_000 }],
    tokenLifeS: 86_400,
    channelLifeMs: 86_400_000,
  });
});
