/**
 * Durable consumers: a client's named places in the journal, each moved by its acks. A consumer has one seat: who
 * sits down there last reads, and the one before is told and closed. What it subscribed to stays wanted while it is away.
 */
import type { Subscription } from "@trunkline/events";
import { isRelayError } from "../../errors.ts";
import type { ConsumerState, Journal } from "../../journal/journal.ts";
import type { Log } from "../../ports.ts";
import { GatewayError } from "../gateway-error.ts";
import type { Grant } from "../grant.ts";
import type { Interests } from "../interests.ts";
import { consumersPerClientMax } from "../limits.ts";
import { Keeper } from "./keeper.ts";

export interface ConsumersPorts {
  readonly journal: Pick<
    Journal,
    | "openConsumer"
    | "advance"
    | "removeConsumer"
    | "consumers"
    | "keepSubscription"
    | "subscriptions"
  >;
  readonly interests: Interests;
  readonly log: Log;
}

/** What a connection that reads for a consumer holds. */
export interface Seat {
  /** Everything up to here is done. */
  readonly position: number;
  /** Everything up to here is done now; moves nothing back. */
  ack(position: number): void;
  /** This is subscribed to now, and nothing else. */
  keep(subscriptions: readonly Subscription[]): void;
  /** To be called once. */
  leave(): void;
}

/** A consumer as its client sees it. */
export interface ConsumerFacts {
  readonly name: string;
  readonly position: number;
  readonly isTaken: boolean;
}

/** Plain JSON: it is what stands in the journal. */
interface Wish {
  readonly id: string;
  readonly clientId: string;
  readonly trunks: Grant["trunks"] | null;
  readonly subscriptions: readonly Subscription[];
}

/** Why a seat is lost. */
export type SeatLoss = "replaced" | "removed";

interface Sitting {
  readonly lost: (why: SeatLoss) => void;
}

const keyPrefix = "consumer:";

export class Consumers {
  readonly #ports: ConsumersPorts;
  readonly #keeper: Keeper;
  readonly #positions = new Map<string, number>();
  readonly #moving = new Set<string>();
  readonly #sitting = new Map<string, Sitting>();
  /** By consumer: no longer wants what it wanted. */
  readonly #wanted = new Map<string, { readonly wish: Wish; readonly unwant: () => void }>();

  constructor(ports: ConsumersPorts) {
    this.#ports = ports;
    this.#keeper = new Keeper(ports, keyPrefix);
  }

  /** Takes over what an earlier run has kept. @param isClient whether a client is still there */
  async start(isClient: (clientId: string) => boolean): Promise<void> {
    for (const wish of await this.#keeper.load<Wish>()) this.#want(wish);
    await this.prune(isClient);
  }

  /**
   * Makes the consumer, where it is new: it begins at the end of the journal.
   * @throws GatewayError CONSUMERS_FULL, UNAVAILABLE
   */
  async open(clientId: string, name: string): Promise<void> {
    const key = keyOf(clientId, name);
    if (this.#positions.has(key)) return;
    const known = await this.#of(clientId);
    const isNew = known.every((each) => each.name !== journalNameOf(key));
    if (isNew && known.length >= consumersPerClientMax)
      throw new GatewayError(
        "CONSUMERS_FULL",
        `The client ${clientId} has ${consumersPerClientMax} durable consumers, which is the limit.`,
      );
    try {
      const { position } = await this.#ports.journal.openConsumer(journalNameOf(key), "head");
      if (!this.#positions.has(key)) this.#positions.set(key, position);
    } catch (cause) {
      if (!isRelayError(cause) || cause.code !== "CONSUMERS_FULL") throw cause;
      throw new GatewayError("CONSUMERS_FULL", cause.message, { cause });
    }
  }

  /** Sits down where it was opened. @param lost hears that the seat is another's, or no more */
  sit({ clientId, trunks }: Grant, name: string, lost: (why: SeatLoss) => void): Seat {
    const key = keyOf(clientId, name);
    const before = this.#sitting.get(key);
    const sitting: Sitting = { lost };
    this.#sitting.set(key, sitting);
    before?.lost("replaced");
    const isMine = (): boolean => this.#sitting.get(key) === sitting;
    const positionNow = (): number => this.#positions.get(key) ?? 0;
    return {
      get position() {
        return positionNow();
      },
      ack: (position) => {
        if (isMine() && position > positionNow()) this.#move(key, position);
      },
      keep: (subscriptions) => {
        if (!isMine()) return;
        const wish = { id: key, clientId, trunks: trunks ?? null, subscriptions };
        this.#want(wish);
        this.#keeper.write(key, wish);
      },
      leave: () => {
        if (isMine()) this.#sitting.delete(key);
      },
    };
  }

  async list(clientId: string): Promise<readonly ConsumerFacts[]> {
    const known = await this.#of(clientId);
    return known.map(({ name, position }) => {
      const key = name.slice(journalPrefix.length);
      return {
        name: key.slice(clientId.length + 1),
        position: this.#positions.get(key) ?? position,
        isTaken: this.#sitting.has(key),
      };
    });
  }

  /** Who reads for it is told and closed. @throws GatewayError CONSUMER_UNKNOWN */
  async remove(clientId: string, name: string): Promise<void> {
    const key = keyOf(clientId, name);
    const known = await this.#of(clientId);
    if (known.every((each) => each.name !== journalNameOf(key)))
      throw new GatewayError(
        "CONSUMER_UNKNOWN",
        `The client ${clientId} has no durable consumer ${JSON.stringify(name.slice(0, 100))}.`,
      );
    await this.#remove(key);
  }

  /** What belongs to clients that are gone, goes. */
  async prune(isClient: (clientId: string) => boolean): Promise<void> {
    for (const { name } of await this.#ports.journal.consumers()) {
      if (!name.startsWith(journalPrefix)) continue;
      const key = name.slice(journalPrefix.length);
      const [clientId = ""] = key.split(":");
      if (!isClient(clientId)) await this.#remove(key);
    }
  }

  async #of(clientId: string): Promise<readonly ConsumerState[]> {
    const consumers = await this.#ports.journal.consumers();
    const start = journalNameOf(keyOf(clientId, ""));
    return consumers.filter(({ name }) => name.startsWith(start));
  }

  async #remove(key: string): Promise<void> {
    this.#positions.delete(key);
    const sitting = this.#sitting.get(key);
    this.#sitting.delete(key);
    sitting?.lost("removed");
    this.#wanted.get(key)?.unwant();
    this.#wanted.delete(key);
    await this.#keeper.keep(key, undefined);
    await this.#ports.journal.removeConsumer(journalNameOf(key));
  }

  /** One commit at a time, however many acks come. */
  #move(key: string, position: number): void {
    this.#positions.set(key, position);
    if (this.#moving.has(key)) return;
    this.#moving.add(key);
    void this.#drain(key);
  }

  async #drain(key: string): Promise<void> {
    let stored = -1;
    try {
      for (;;) {
        const position = this.#positions.get(key);
        if (position === undefined || position === stored) return;
        await this.#ports.journal.advance(journalNameOf(key), position, []);
        stored = position;
      }
    } catch (error) {
      this.#tell(error);
    } finally {
      this.#moving.delete(key);
    }
  }

  #want(wish: Wish): void {
    const { interests } = this.#ports;
    const before = this.#wanted.get(wish.id);
    const trunks = wish.trunks ?? undefined;
    const quits = wish.subscriptions.map((subscription) => interests.add({ subscription, trunks }));
    const unwant = (): void => {
      for (const quit of quits) quit();
    };
    this.#wanted.set(wish.id, { wish, unwant });
    before?.unwant();
  }

  #tell(error: unknown): void {
    this.#ports.log.warn(
      { code: "STREAM_FAILED", cause: String(error) },
      "The place of a durable consumer could not be kept; it will be given again what it has acknowledged.",
    );
  }
}

const journalPrefix = "api:";

/** Neither part holds a colon. */
function keyOf(clientId: string, name: string): string {
  return `${clientId}:${name}`;
}

function journalNameOf(key: string): string {
  return `${journalPrefix}${key}`;
}

/** @throws GatewayError FIELD_INVALID */
export function readConsumerName(written: string): string {
  if (/^[\w.-]{1,64}$/u.test(written)) return written;
  throw new GatewayError(
    "FIELD_INVALID",
    "The name of a consumer is 1 to 64 of the characters A-Z, a-z, 0-9, -, _ and .",
  );
}
