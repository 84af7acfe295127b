/** What a person wants to know about the road to a relay: that it broke, and that it holds again. */
import { palette } from "./colours.ts";
import { clockTime, duration, printable } from "./text.ts";

export interface RoadNotices {
  /** Undefined where the same was said before, and nothing has come since. */
  readonly lost: (why: string, retryInMs: number) => string | undefined;
  readonly back: (cursor: string) => string;
}

const wordWidth = "disconnected".length;

export function createRoadNotices(
  url: string,
  hasColours: boolean,
  nowMs: () => number,
): RoadNotices {
  const { dim, good, bad } = palette(hasColours);
  let told: string | undefined;
  const head = (): string => dim(clockTime(nowMs()));
  return {
    lost: (why, retryInMs) => {
      if (why === told) return undefined;
      told = why;
      const again = retryInMs < 1_000 ? "trying again" : `trying again in ${duration(retryInMs)}`;
      const said = printable(`the relay at ${url} has gone away: ${why}; ${again}`);
      return `${head()}  ${bad("disconnected".padEnd(wordWidth))}  ${said}\n`;
    },
    back: (cursor) => {
      told = undefined;
      const said = printable(`the relay at ${url} is back; going on after ${cursor}`);
      return `${head()}  ${good("connected".padEnd(wordWidth))}  ${said}\n`;
    },
  };
}
