/**
 * Failed logins are counted by address, and by client at an address: who guesses is slowed, and cannot
 * lock a client out that asks from elsewhere.
 */
import { GatewayError } from "../gateway-error.ts";
import { createBoundedCache } from "./bounded-cache.ts";

/** Failed logins in one window, from which on none is looked at until it ends. */
export const failedPerAddressMax = 60;
export const failedPerClientMax = 10;
export const failedWindowMs = 60_000;
/** Addresses and clients that are counted at a time. */
const countedMax = 20_000;

export interface LoginLimits {
  /** Before anything is compared. @throws GatewayError TOO_FAST */
  admit(address: string, clientId: string): void;
  /** The login has failed. */
  failed(address: string, clientId: string): void;
}

interface Window {
  readonly count: number;
  readonly endsMs: number;
}

/** @param nowMs a clock that is not set: a step must not end a window */
export function createLoginLimits(nowMs: () => number): LoginLimits {
  const windows = createBoundedCache<Window>(countedMax);
  return {
    admit: (address, clientId) => {
      const now = nowMs();
      for (const [key, max] of limitsOf(address, clientId)) {
        const window = windows.get(key, now);
        if (window === undefined || window.count < max) continue;
        const retryAfterMs = window.endsMs - now;
        throw new GatewayError(
          "TOO_FAST",
          `${window.count} logins from this address have failed within ${failedWindowMs / 1_000} s; the next is looked at in ${Math.ceil(retryAfterMs / 1_000)} s.`,
          { retryAfterMs },
        );
      }
    },
    failed: (address, clientId) => {
      const now = nowMs();
      for (const [key] of limitsOf(address, clientId)) {
        const window = windows.get(key, now) ?? { count: 0, endsMs: now + failedWindowMs };
        windows.put(key, { ...window, count: window.count + 1 }, window.endsMs);
      }
    },
  };
}

const clientIdCharactersMax = 200;

function limitsOf(address: string, clientId: string): readonly (readonly [string, number])[] {
  return [
    [`a ${address}`, failedPerAddressMax],
    [`c ${address} ${clientId.slice(0, clientIdCharactersMax)}`, failedPerClientMax],
  ];
}
