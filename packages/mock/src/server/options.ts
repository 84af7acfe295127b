import type { CloudClient, CloudOptions } from "../cloud/contract.ts";
import type { Settings } from "../cloud/settings.ts";
import type { LegacyFace } from "../legacy/faces.ts";
import type { Capture } from "../replay/capture.ts";
import type { Scenario, ScenarioOptions } from "../scenario/scenario.ts";
import type { TlsPair } from "./listen.ts";

/** The client that the mock has unless told otherwise. Values of a mock, not secrets. */
export const mockClientId = "c0ffee00-0000-4000-8000-000000000001";
export const mockClientSecret = "mock-secret";

/** Bounds of the server; those of the model are in `Settings`. */
export interface MockLimits {
  /** A socket whose reader is this many bytes behind is cut. @default 16777216 */
  readonly sendBufferBytesMax?: number;
  /** A longer message from a client closes its socket with 1009. @default 1048576 */
  readonly inboundFrameBytesMax?: number;
}

/** How a mock is started; everything has a default. */
export interface MockOptions extends MockLimits {
  /** Address to listen on. @default "127.0.0.1" */
  readonly host?: string;
  /** 0 takes a free one. @default 0 */
  readonly port?: number;
  /** A whole number: the same seed plays the same contact centre. @default 1 */
  readonly seed?: number;
  /** Mean events per second of the contact centre. @default 5, and 0 with `replay` */
  readonly rate?: number;
  /** Whether arrivals and shifts follow the hour of the day (UTC). @default "flat" */
  readonly rhythm?: "flat" | "day";
  /** How many seconds of the cloud pass in one of its clients', 1 to 10,000. @default 1 */
  readonly speed?: number;
  /** What the cloud's clock shows at the start, epoch ms: a wrong clock, or a world to repeat. @default now */
  readonly startAtMs?: number;
  /** @default one client, `mockClientId` with `mockClientSecret` and all permissions */
  readonly clients?: readonly CloudClient[];
  readonly settings?: CloudOptions["settings"];
  /**
   * Plays the Event API of the threads too, with their failures and with JWTs, as `settings: { legacy: "by-path", tokenFormat:
   * "jwt" }` does; a thread's number shows its face at every path. Genesys Cloud has no such service. @default false
   */
  readonly legacy?: boolean | LegacyFace;
  readonly queues?: number;
  readonly agents?: number;
  /** The only region where the organisation lives, as a domain or an AWS name. @default every region's names are its own */
  readonly region?: string;
  /**
   * What is to happen, from the first client on: the name of a scenario that is built in, the path of one, or one that
   * `loadScenario` has read. Options given here go before those of the scenario.
   */
  readonly scenario?: string | Scenario;
  /** A captured stream to play, from the first socket with topics on: its path, or what `loadCapture` has read. */
  readonly replay?: string | Capture;
  /** Base of `connectUri` for requests whose Host header is no loopback name, no region's host and none of `controlHosts`. @default `ws://<host>:<port>` */
  readonly streamingUrl?: string;
  /** Names of the mock besides loopback names, with or without port: the control API answers to them, and `connectUri` repeats them. @default [] */
  readonly controlHosts?: readonly string[];
  /** Serves HTTPS and WSS instead of HTTP and WS. */
  readonly tls?: TlsPair;
}

const rateDefault = 5;

/** Those of the mock that a scenario may set too. */
type WorldOptions = Pick<MockOptions, keyof ScenarioOptions | "legacy">;

/** What the cloud is made with: options of the caller before those of a scenario before defaults. */
export function worldOptions(
  options: WorldOptions,
  scenario: WorldOptions,
  isReplaying: boolean,
): ScenarioOptions & { readonly seed: number; readonly clients: readonly CloudClient[] } {
  const settings = { ...settingsOf(scenario), ...settingsOf(options) };
  const given = {
    rhythm: options.rhythm ?? scenario.rhythm,
    speed: options.speed ?? scenario.speed,
    queues: options.queues ?? scenario.queues,
    agents: options.agents ?? scenario.agents,
    region: options.region ?? scenario.region,
  };
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  return {
    ...(Object.fromEntries(known) as Partial<ScenarioOptions>),
    seed: options.seed ?? scenario.seed ?? 1,
    rate: options.rate ?? scenario.rate ?? (isReplaying ? 0 : rateDefault),
    clients: options.clients ??
      scenario.clients ?? [{ clientId: mockClientId, clientSecret: mockClientSecret }],
    settings,
  };
}

function settingsOf({ legacy, settings }: WorldOptions): Partial<Settings> {
  if (legacy === undefined || legacy === false) return { ...settings };
  return { legacy: legacy === true ? "by-path" : legacy, tokenFormat: "jwt", ...settings };
}
