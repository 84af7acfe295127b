import type { Http, Ports } from "../ports.ts";
import { systemClock } from "./clock.ts";
import { createDial } from "./dial.ts";
import { createHttp } from "./http.ts";
import { createRoad } from "./road.ts";

export interface PlatformOptions {
  readonly frameBytesMax: number;
  readonly ca: string | undefined;
}

/** The real world. `close` ends connections that idle. */
export function createPlatform({ frameBytesMax, ca }: PlatformOptions): {
  readonly ports: Ports;
  readonly close: () => void;
} {
  const road = createRoad(ca);
  const ports: Ports = {
    clock: systemClock,
    random: Math.random,
    http: createHttp(road),
    dial: createDial(road, frameBytesMax),
  };
  return { ports, close: road.close };
}

/**
 * HTTP as a client does it, through the proxy of the environment: for what a program asks of Genesys
 * Cloud besides. `close` ends connections that idle. A bad proxy makes Node's own agents throw.
 */
export function createSystemHttp(): { readonly http: Http; readonly close: () => void } {
  const road = createRoad(undefined);
  return { http: createHttp(road), close: road.close };
}
