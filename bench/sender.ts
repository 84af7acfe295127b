/** What benchmarks share: the sender in its process, and how rounds become one figure. */
import { fork } from "node:child_process";
import { once } from "node:events";

export interface Flood {
  readonly port: number;
  readonly topic: string;
  readonly stop: () => void;
}

/** What is poured: presences of 682 bytes, or snapshots of conversations of some 3 kB, of which event types are derived. */
export type FloodKind = "presences" | "conversations";

/** @param rate frames a second; 0 sends them as fast as they are read */
export async function startFlood(
  frames: number,
  rate = 0,
  kind: FloodKind = "presences",
): Promise<Flood> {
  const args = [String(frames), "682", String(rate), kind];
  const child = fork(new URL("flood.js", import.meta.url), args);
  const [message] = (await once(child, "message")) as [{ port: number; topic: string }];
  return { ...message, stop: () => child.disconnect() };
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** A clock that all processes of the machine share, in milliseconds with fractions. */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1_000_000;
}
