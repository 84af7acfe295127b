/** The doors of the relay to the outside, besides those of the client. */
import type { Clock, Random } from "@trunkline/client";

export type { Clock, Random };

/** Where state changes are told: one JSON line each, with a code, its meaning and the remedy. */
export interface Log {
  /** For whoever hunts a fault. */
  debug(fields: LogFields, message: string): void;
  /** A change of state that is as it should be. */
  info(fields: LogFields, message: string): void;
  /** Something heals by itself, or waits for somebody. */
  warn(fields: LogFields, message: string): void;
  /** Somebody should look. */
  error(fields: LogFields, message: string): void;
}

/** `code` and `help` where there is an error; never a secret, never a body. */
export type LogFields = Readonly<Record<string, unknown>>;
