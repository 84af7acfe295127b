/**
 * Standing subscriptions: made by REST, and there while nobody reads them, so that their topics are carried. They are
 * kept in the journal, and expire a day after their last reader has left.
 */
import type { SubscribeMessage, Subscription } from "@trunkline/events";
import type { Journal } from "../../journal/journal.ts";
import type { Clock, Log } from "../../ports.ts";
import { GatewayError } from "../gateway-error.ts";
import type { Grant } from "../grant.ts";
import type { Interests } from "../interests.ts";
import { Keeper } from "./keeper.ts";

/** Plain JSON: it is what stands in the journal. */
export interface Standing {
  readonly id: string;
  /** Whose it is: nobody else reads it. */
  readonly clientId: string;
  readonly trunks: Grant["trunks"] | null;
  readonly subscription: Subscription;
  /** Event types as they were written. */
  readonly written: readonly string[];
  /** The cursor after which its first reader begins; null when there was one. */
  readonly since: string | null;
  /** Null while somebody reads it. */
  readonly expiresMs: number | null;
}

export interface StandingPorts {
  readonly journal: Pick<Journal, "keepSubscription" | "subscriptions">;
  readonly interests: Interests;
  readonly clock: Pick<Clock, "wallMs" | "sleep">;
  readonly log: Log;
  /** How many there may be. */
  readonly countMax: number;
  readonly newId: () => string;
}

/** Somebody who reads it. */
export interface Reading {
  readonly standing: Standing;
  /** To be called once. */
  readonly leave: () => void;
}

interface Kept {
  standing: Standing;
  readonly unwant: () => void;
  /** What each reader is to hear when it is removed. */
  readonly readers: Set<() => void>;
}

/** After its last reader. */
export const expiresAfterMs = 86_400_000;
const lookEveryMs = 60_000;
const keyPrefix = "rest:";

export class StandingSubscriptions {
  readonly #ports: StandingPorts;
  readonly #keeper: Keeper;
  readonly #kept = new Map<string, Kept>();
  readonly #stopping = new AbortController();

  constructor(ports: StandingPorts) {
    this.#ports = ports;
    this.#keeper = new Keeper(ports, keyPrefix);
  }

  get count(): number {
    return this.#kept.size;
  }

  /** Takes over what an earlier run has kept. Who was reading when it ended is gone. @param isClient whether a client is still there */
  async start(isClient: (clientId: string) => boolean): Promise<void> {
    for (const standing of await this.#keeper.load<Standing>()) {
      const expiresMs = standing.expiresMs ?? this.#expiry();
      this.#take({ ...standing, expiresMs });
    }
    this.prune(isClient);
    void this.#expire();
  }

  /** @throws GatewayError SUBSCRIPTIONS_FULL */
  async add(
    { subscription, written }: Pick<SubscribeMessage, "subscription" | "written">,
    since: string,
    { clientId, trunks }: Pick<Grant, "clientId" | "trunks">,
  ): Promise<Standing> {
    const { countMax, newId } = this.#ports;
    if (this.#kept.size >= countMax)
      throw new GatewayError(
        "SUBSCRIPTIONS_FULL",
        `There are ${countMax} standing subscriptions, which is the limit.`,
      );
    const id = newId();
    const expiresMs = this.#expiry();
    const owner = { clientId, trunks: trunks ?? null };
    const standing = { id, ...owner, subscription, written, since, expiresMs };
    const kept = this.#take(standing);
    try {
      await this.#keeper.keep(id, standing);
    } catch (error) {
      this.#drop(kept);
      throw error;
    }
    return standing;
  }

  /** @throws GatewayError SUBSCRIPTION_UNKNOWN, of those of others too */
  get(id: string, clientId: string): Standing {
    return this.#find(id, clientId).standing;
  }

  /** @param removed hears of its end, whatever ends it. @throws GatewayError SUBSCRIPTION_UNKNOWN */
  read(id: string, clientId: string, removed: () => void): Reading {
    const kept = this.#find(id, clientId);
    const { standing } = kept;
    kept.readers.add(removed);
    if (standing.expiresMs !== null) this.#change(kept, { expiresMs: null, since: null });
    return {
      standing,
      leave: () => {
        kept.readers.delete(removed);
        if (kept.readers.size === 0 && this.#kept.get(id) === kept)
          this.#change(kept, { expiresMs: this.#expiry() });
      },
    };
  }

  /** Its readers are told. @throws GatewayError SUBSCRIPTION_UNKNOWN */
  async remove(id: string, clientId: string): Promise<void> {
    const kept = this.#find(id, clientId);
    this.#drop(kept);
    await this.#keeper.keep(id, undefined);
  }

  /** What belongs to clients that are gone, goes. */
  prune(isClient: (clientId: string) => boolean): void {
    for (const kept of this.#kept.values())
      if (!isClient(kept.standing.clientId)) this.#forget(kept);
  }

  stop(): void {
    this.#stopping.abort();
  }

  #expiry(): number {
    return this.#ports.clock.wallMs() + expiresAfterMs;
  }

  #find(id: string, clientId: string): Kept {
    const kept = this.#kept.get(id);
    if (kept !== undefined && kept.standing.clientId === clientId) return kept;
    throw new GatewayError(
      "SUBSCRIPTION_UNKNOWN",
      `This client has no standing subscription ${JSON.stringify(id.slice(0, 100))}.`,
    );
  }

  #take(standing: Standing): Kept {
    const { subscription, trunks } = standing;
    const unwant = this.#ports.interests.add({ subscription, trunks: trunks ?? undefined });
    const kept: Kept = { standing, unwant, readers: new Set() };
    this.#kept.set(standing.id, kept);
    return kept;
  }

  #change(kept: Kept, change: Partial<Standing>): void {
    kept.standing = { ...kept.standing, ...change };
    this.#keeper.write(kept.standing.id, kept.standing);
  }

  #drop(kept: Kept): void {
    this.#kept.delete(kept.standing.id);
    kept.unwant();
    for (const removed of kept.readers) removed();
    kept.readers.clear();
  }

  #forget(kept: Kept): void {
    this.#drop(kept);
    this.#keeper.write(kept.standing.id, undefined);
  }

  async #expire(): Promise<void> {
    const { clock } = this.#ports;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const nowMs = clock.wallMs();
      for (const kept of this.#kept.values())
        if (kept.standing.expiresMs !== null && kept.standing.expiresMs <= nowMs)
          this.#forget(kept);
      await clock.sleep(lookEveryMs, signal);
    }
  }
}
