/**
 * Channels: twenty for each OAuth client, 24 h long, each with its topics (GENESYS.md 3.1, 3.4, 5).
 */
import type { Deadline, Deadlines } from "./deadlines.ts";
import type { Dice } from "./dice.ts";
import type { LedgerBook } from "./ledger.ts";
import type { Settings } from "./settings.ts";
import type { Socket } from "./sockets.ts";
import type { Client, Token } from "./tokens.ts";

/** One subscription as it is listed: a plain topic, or a combined one with the parts that were permitted. */
export interface Subscription {
  readonly id: string;
  /** Topic names under which notifications arrive. */
  readonly names: readonly string[];
}

export interface Channel {
  readonly id: string;
  readonly client: Client;
  readonly token: Token;
  readonly createdAtMs: number;
  readonly order: number;
  expiry: Deadline | undefined;
  expiresAtMs: number;
  /** What GET shows as `expires`; stands still under `expiresMoves: false`. */
  shownExpiresAtMs: number;
  lastUsedAtMs: number;
  alive: boolean;
  /** By the topic id in lower case, in the order in which they came. */
  subscriptions: ReadonlyMap<string, Subscription>;
  /** Expanded names in lower case. */
  names: ReadonlySet<string>;
  /** Usually none or one; two while a socket that was told to close still receives. */
  readonly sockets: Socket[];
}

export type ChannelDeath = "expired" | "evicted" | "dropped" | "token";

/** GENESYS.md 3.1: the numbers that have been seen in ids. */
const streamingNumbers = [0, 2, 5, 6] as const;
const noSubscribers: ReadonlySet<Channel> = new Set();

export class Channels {
  readonly #byId = new Map<string, Channel>();
  readonly #byClient = new Map<Client, Set<Channel>>();
  readonly #byName = new Map<string, Set<Channel>>();
  readonly #ports: ChannelPorts;
  #order = 0;

  constructor(ports: ChannelPorts) {
    this.#ports = ports;
  }

  all(): IterableIterator<Channel> {
    return this.#byId.values();
  }

  find(id: string): Channel | undefined {
    return this.#byId.get(id);
  }

  ofClient(client: Client): readonly Channel[] {
    return [...(this.#byClient.get(client) ?? [])];
  }

  /** Who gets an event on this topic (in lower case). */
  holding(name: string): ReadonlySet<Channel> {
    return this.#byName.get(name) ?? noSubscribers;
  }

  /** Never fails for the quota: the victim finds out (GENESYS.md 3.1). */
  create(token: Token, nowMs: number): Channel {
    const { settings, dice, deadlines } = this.#ports;
    const { client } = token;
    const siblings = this.#byClient.get(client) ?? new Set<Channel>();
    while (siblings.size >= settings.channelsPerClientMax) {
      this.remove(this.#victim([...siblings]), "evicted", nowMs);
    }
    const expiresAtMs = nowMs + settings.channelLifeMs;
    const channel: Channel = {
      id: `streaming-${dice.pick(streamingNumbers)}-${dice.base36(26)}`,
      client,
      token,
      createdAtMs: nowMs,
      order: this.#order,
      expiry: undefined,
      expiresAtMs,
      shownExpiresAtMs: expiresAtMs,
      lastUsedAtMs: nowMs,
      alive: true,
      subscriptions: new Map(),
      names: new Set(),
      sockets: [],
    };
    this.#order += 1;
    channel.expiry = deadlines.set(expiresAtMs, (dueMs) => this.remove(channel, "expired", dueMs));
    client.channelsCreated += 1;
    siblings.add(channel);
    this.#byClient.set(client, siblings);
    this.#byId.set(channel.id, channel);
    this.#note(channel, "channel-created", nowMs);
    return channel;
  }

  /** GENESYS.md 3.4: any POST or PUT of the topics renews the 24 h. */
  renew(channel: Channel, nowMs: number): void {
    const { settings, deadlines } = this.#ports;
    channel.expiresAtMs = nowMs + settings.channelLifeMs;
    if (settings.expiresMoves) channel.shownExpiresAtMs = channel.expiresAtMs;
    if (channel.expiry !== undefined) deadlines.move(channel.expiry, channel.expiresAtMs);
  }

  setSubscriptions(channel: Channel, subscriptions: ReadonlyMap<string, Subscription>): void {
    const names = new Set<string>();
    for (const subscription of subscriptions.values()) {
      for (const name of subscription.names) names.add(name.toLowerCase());
    }
    for (const name of channel.names) if (!names.has(name)) this.#unindex(name, channel);
    for (const name of names) {
      if (channel.names.has(name)) continue;
      const holders = this.#byName.get(name);
      if (holders === undefined) this.#byName.set(name, new Set([channel]));
      else holders.add(channel);
    }
    const before = channel.subscriptions;
    channel.subscriptions = subscriptions;
    channel.names = names;
    const same =
      before.size === subscriptions.size &&
      [...subscriptions.keys()].every((key) => before.has(key));
    if (!same) this.#ports.onTopics(channel);
  }

  remove(channel: Channel, death: ChannelDeath, nowMs: number): void {
    if (!channel.alive) return;
    channel.alive = false;
    this.#ports.deadlines.cancel(channel.expiry);
    channel.expiry = undefined;
    for (const name of channel.names) this.#unindex(name, channel);
    this.#byId.delete(channel.id);
    const siblings = this.#byClient.get(channel.client);
    siblings?.delete(channel);
    if (siblings?.size === 0) this.#byClient.delete(channel.client);
    this.#note(channel, `channel-${death}`, nowMs);
    this.#ports.onDeath(channel, death, nowMs);
  }

  /** GENESYS.md 5: without a connection first, then the oldest last-used date; 8, no. 20 when all are connected. */
  #victim(siblings: readonly Channel[]): Channel {
    const idle = siblings.filter((channel) => channel.sockets.length === 0);
    const byCreation =
      idle.length === 0 && this.#ports.settings.evictionAllConnected === "oldest-created";
    const age = (channel: Channel): number =>
      byCreation ? channel.createdAtMs : channel.lastUsedAtMs;
    const candidates = idle.length > 0 ? idle : siblings;
    return candidates.reduce((oldest, channel) =>
      age(channel) < age(oldest) || (age(channel) === age(oldest) && channel.order < oldest.order)
        ? channel
        : oldest,
    );
  }

  #unindex(name: string, channel: Channel): void {
    const holders = this.#byName.get(name);
    holders?.delete(channel);
    if (holders?.size === 0) this.#byName.delete(name);
  }

  #note(channel: Channel, what: string, nowMs: number): void {
    this.#ports.ledger.note({
      atMs: nowMs,
      what,
      clientId: channel.client.clientId,
      channelId: channel.id,
    });
  }
}

export interface ChannelPorts {
  readonly settings: Settings;
  readonly dice: Dice;
  readonly deadlines: Deadlines;
  readonly ledger: LedgerBook;
  /** Called when a channel has topics that it had not, or has lost some. */
  readonly onTopics: (channel: Channel) => void;
  /** Called when the channel is already unknown; its sockets are still in `sockets`. */
  readonly onDeath: (channel: Channel, death: ChannelDeath, nowMs: number) => void;
}
