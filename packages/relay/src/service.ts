/** What the service tells of itself and lets be done: the seam between the relay and its HTTP face. */
import type { RotatedEvent, TopicStatus } from "@trunkline/client";
import type { DeliveryStatus } from "./delivery/delivery.ts";
import type { RelayError } from "./errors.ts";
import type { GatewayStatus } from "./gateway/status.ts";
import type { Journal } from "./journal/journal.ts";
import type { CheckOutcome } from "./sinks/sink.ts";

export interface Service {
  readonly journal: Journal;
  /** Bounded by the limits of the credentials: 20 channels of 1,000 topics each. */
  trunks(): readonly TrunkStatus[];
  sinks(): readonly SinkStatus[];
  /** Undefined where the Event API is not served. */
  gateway(): GatewayStatus | undefined;
  /** What can be done to one sink; undefined where there is none of that name. */
  sink(name: string): SinkControl | undefined;
  /** Reads the configuration again and applies what may change. @throws RelayError CONFIG_INVALID; then nothing has changed */
  reload(): Promise<ReloadReport>;
}

export interface TrunkStatus {
  readonly name: string;
  readonly organizationId: string | undefined;
  /**
   * - `starting`: nothing has been live yet
   * - `live`: every wanted topic is live, or refused for good
   * - `restoring`: some are not
   * - `failed`: it has given up (wrong credentials, …); `error` says why
   */
  readonly state: "starting" | "live" | "restoring" | "failed";
  readonly topics: readonly TopicStatus[];
  /** Whether it is not known yet which topics subscriptions and patterns stand for. */
  readonly isListing: boolean;
  /** The newest trouble, until it is over. */
  readonly error:
    | { readonly code: string; readonly message: string; readonly help: string }
    | undefined;
  readonly openGaps: number;
  /** Events taken since the start. */
  readonly received: number;
  /** How many of them may have come before. */
  readonly maybeDuplicates: number;
  /** Sessions that were replaced since the start. */
  readonly rotations: readonly RotationCount[];
}

export interface RotationCount extends Pick<RotatedEvent, "reason" | "channel"> {
  readonly count: number;
}

export interface SinkStatus extends DeliveryStatus {
  readonly name: string;
  readonly type: string;
  readonly isEnabled: boolean;
}

export interface SinkControl {
  check(signal: AbortSignal): Promise<CheckOutcome>;
  /** Gives dead letters to the sink again, all or those named; what it takes is removed. */
  replay(ids?: readonly number[]): Promise<{ readonly replayed: number; readonly refused: number }>;
  /** Goes on after `position`, back or forth. */
  rewind(position: number): Promise<void>;
  /** Tries again what was halted, at once. */
  resume(): void;
}

export interface ReloadReport {
  /** What is different now, in words: "trunk main: 3 topics more". Empty where nothing changed. */
  readonly changes: readonly string[];
  /** What differs but needs a restart. */
  readonly needRestart: readonly string[];
}

export type { RelayError };
