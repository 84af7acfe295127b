import { MockError } from "../mock-error.ts";
import type { CloudOptions } from "./contract.ts";
import { regions } from "../data/regions.ts";
import { regionOf } from "./place.ts";
import { defaultSettings } from "./settings.ts";
import { tokenLifeSecondsMax } from "./tokens.ts";

export const sizeMax = 100_000;
export const speedMax = 10_000;
export const rateMax = 100_000;
/** Settings that 0 turns off. */
export const mayBeZero: ReadonlySet<string> = new Set([
  "analyticsLagMs",
  "endedConversationMs",
  "idleTimeoutMs",
  "jwtLeewayMs",
  "pongIntervalMs",
]);

function require(holds: boolean, what: string): void {
  if (!holds) throw new MockError("OPTION_INVALID", what);
}

/** Says which option is out of its range. */
export function checkOptions(options: CloudOptions): void {
  require(Number.isSafeInteger(options.seed), "seed must be a whole number");
  require(Number.isFinite(options.startAtMs), "startAtMs must be epoch milliseconds");
  const speed = options.speed ?? 1;
  require(speed >= 1 && speed <= speedMax, `speed must be from 1 to ${speedMax}`);
  const rate = options.rate ?? 0;
  require(rate >= 0 && rate <= rateMax, `rate must be from 0 to ${rateMax} events per second`);
  for (const size of ["queues", "agents"] as const) {
    const value = options[size] ?? 1;
    require(Number.isSafeInteger(value) &&
      value >= 1 &&
      value <= sizeMax, `${size} must be a whole number from 1 to ${sizeMax}`);
  }
  const { region } = options;
  require(region === undefined ||
    regionOf(region) !==
      undefined, `region "${region}" is none of ${Object.keys(regions).join(", ")}`);
  const { tokenLifeSecondsMin } = { ...defaultSettings, ...options.settings };
  for (const client of options.clients) {
    const seconds = client.accessTokenValiditySeconds ?? tokenLifeSecondsMin;
    require(Number.isSafeInteger(seconds) &&
      seconds >= tokenLifeSecondsMin &&
      seconds <=
        tokenLifeSecondsMax, `accessTokenValiditySeconds must be from ${tokenLifeSecondsMin} to ${tokenLifeSecondsMax}`);
  }
  for (const [name, value] of Object.entries(options.settings ?? {})) {
    if (typeof value !== "number") continue;
    const least = mayBeZero.has(name) ? 0 : 1;
    require(Number.isSafeInteger(value) &&
      value >= least, `settings.${name} must be a whole number, ${least} or more`);
  }
}
