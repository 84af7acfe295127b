/**
 * The calls about channels, topics and the catalogue.
 * Source: official JavaScript SDK documentation, NotificationsApi (official SDK).
 */
import type { Elapsed } from "../elapsed.ts";
import { isTrunklineError, TrunklineError } from "../errors.ts";
import { Secret } from "../secret.ts";
import type { Channel, TopicOutcome } from "./channel.ts";
import type { Rest, RestAnswer, RestRequest } from "./rest.ts";
import type { Token } from "./tokens.ts";

const channelsPath = "/api/v2/notifications/channels";
const topicsPath = "/api/v2/notifications/availabletopics";

/** A topic template of the live catalogue. */
export interface AvailableTopic {
  /** Template, e.g. `v2.users.{id}.presence`. */
  readonly id: string;
  readonly description: string | undefined;
  readonly requiresPermissions: readonly string[];
  readonly transports: readonly string[];
}

/** The channels of an OAuth client: how many, and those that show themselves to the present token. */
export interface ChannelCount {
  readonly total: number;
  readonly shown: readonly Channel[];
}

export class Notifications {
  readonly #rest: Rest;
  readonly #elapsed: Elapsed;
  readonly #connectHosts: readonly string[];
  readonly #protocols: readonly string[];

  /**
   * @param connectHosts host names, or suffixes beginning with a dot, that a connectUri may name
   * @param plain whether the API itself is reached without TLS, so that its sockets may be too
   */
  constructor(rest: Rest, elapsed: Elapsed, connectHosts: readonly string[], plain: boolean) {
    this.#rest = rest;
    this.#elapsed = elapsed;
    this.#connectHosts = connectHosts;
    this.#protocols = plain ? ["ws:", "wss:"] : ["wss:"];
  }

  /**
   * All channels of the OAuth client. Those made with the token that asks show their ids; the ids of
   * others are hidden, so that they can be counted only.
   */
  async listChannels(signal: AbortSignal): Promise<ChannelCount> {
    const path = `${channelsPath}?includechannels=oauthclient`;
    const answer = await this.#rest.call({ method: "GET", path, route: path }, signal);
    const listed = entities(answer);
    const shown = listed
      .filter((entity) => isChannel(entity))
      .filter(({ connectUri }) => this.#isAllowed(new URL(connectUri)))
      .map((entity) => this.#channelOf(entity, answer.token));
    return { total: listed.length, shown };
  }

  /** @param token to make it with; the current one where undefined */
  async makeChannel(signal: AbortSignal, token?: Token): Promise<Channel> {
    const answer = await this.#rest.call(
      { method: "POST", path: channelsPath, route: channelsPath, token },
      signal,
    );
    const made = (answer.json ?? {}) as Entity;
    if (!isChannel(made)) {
      throw new TrunklineError("ANSWER_MALFORMED", "A new channel came without id or connectUri.");
    }
    this.#checkHost(new URL(made.connectUri));
    return this.#channelOf(made, answer.token);
  }

  /** The service's own word on whether a channel still exists. */
  async isAlive(channel: Channel, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#call(channel, { method: "HEAD" }, "", signal);
      return true;
    } catch (error) {
      if (isTrunklineError(error, "CHANNEL_GONE")) return false;
      throw error;
    }
  }

  /** Replaces the whole list of topics, which also renews the channel's 24 h. */
  putTopics(
    channel: Channel,
    ids: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly TopicOutcome[]> {
    return this.#renewing(channel, this.#subscribe("PUT", channel, ids, signal));
  }

  /** Adds topics; what is on the channel stays. */
  addTopics(
    channel: Channel,
    ids: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly TopicOutcome[]> {
    return this.#subscribe("POST", channel, ids, signal);
  }

  async listTopics(channel: Channel, signal: AbortSignal): Promise<readonly TopicOutcome[]> {
    return outcomes(await this.#call(channel, { method: "GET" }, "/subscriptions", signal));
  }

  /** The live catalogue of topic templates. */
  async availableTopics(signal: AbortSignal): Promise<readonly AvailableTopic[]> {
    const path = `${topicsPath}?expand=description,requiresPermissions,transports`;
    const answer = await this.#rest.call({ method: "GET", path, route: path }, signal);
    return entities(answer).flatMap((entity) =>
      typeof entity["id"] === "string"
        ? [
            {
              id: entity["id"],
              description:
                typeof entity["description"] === "string" ? entity["description"] : undefined,
              requiresPermissions: strings(entity["requiresPermissions"]),
              transports: strings(entity["transports"]),
            },
          ]
        : [],
    );
  }

  /** Its life counts from before the request: too short by a round trip, never too long. */
  async #renewing<T>(channel: Channel, request: Promise<T>): Promise<T> {
    const nowMs = this.#elapsed.nowMs();
    const answer = await request;
    channel.expiresAtMs = nowMs + channel.lifeMs;
    return answer;
  }

  async #subscribe(
    method: "PUT" | "POST",
    channel: Channel,
    ids: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly TopicOutcome[]> {
    const body = ids.map((id) => ({ id }));
    const tail = "/subscriptions?ignoreErrors=true";
    return outcomes(await this.#call(channel, { method, body }, tail, signal));
  }

  /** A call about a channel uses the token that made it, until that token is dead. */
  async #call(
    channel: Channel,
    request: Pick<RestRequest, "method" | "body">,
    tail: string,
    signal: AbortSignal,
  ): Promise<RestAnswer> {
    const path = `${channelsPath}/${encodeURIComponent(channel.id.reveal())}${tail}`;
    const route = `${channelsPath}/{channelId}${tail}`;
    try {
      return await this.#rest.call({ ...request, path, route, holder: channel }, signal);
    } catch (error) {
      if (!isTrunklineError(error)) throw error;
      if (error.code === "NOT_FOUND") {
        throw new TrunklineError("CHANNEL_GONE", "The channel no longer exists (404).", {
          status: 404,
        });
      }
      // The service may echo the channel's id, which is as good as a password.
      error.message = error.message.replaceAll(channel.id.reveal(), channel.id.toString());
      throw error;
    }
  }

  #channelOf({ id, connectUri, expires }: ShownChannel, token: Token): Channel {
    const nowMs = this.#elapsed.nowMs();
    const lifeMs = this.#lifeOf(expires, nowMs);
    return {
      id: new Secret("channel", id),
      connectUri: new Secret("connectUri", connectUri),
      token,
      madeWith: token,
      expiresAtMs: nowMs + lifeMs,
      lifeMs,
    };
  }

  /** `expires` is an instant of the service's clock (official SDK, model Channel). */
  #lifeOf(expires: unknown, nowMs: number): number {
    const atMs = typeof expires === "string" ? Date.parse(expires) : Number.NaN;
    const offsetMs = this.#rest.serverOffsetMs ?? 0;
    const lifeMs = atMs - offsetMs - this.#elapsed.wallOf(nowMs);
    return lifeMs >= channelLifeMinMs && lifeMs < channelLifeMs ? lifeMs : channelLifeMs;
  }

  #isAllowed(uri: URL): boolean {
    const isHost = this.#connectHosts
      .map((host) => host.toLowerCase())
      .some((host) => (host.startsWith(".") ? uri.hostname.endsWith(host) : uri.hostname === host));
    const isPlain = uri.username === "" && uri.password === "" && uri.hash === "";
    return isHost && isPlain && this.#protocols.includes(uri.protocol);
  }

  #checkHost(uri: URL): void {
    if (this.#isAllowed(uri)) return;
    throw new TrunklineError(
      "CONNECT_URI_FOREIGN",
      `A new channel names the socket host ${uri.protocol}//${uri.host}.`,
    );
  }
}

type ShownChannel = {
  readonly id: string;
  readonly connectUri: string;
  readonly expires?: unknown;
};

/** Channels live 24 h (notifications page), unless the answer says otherwise. */
const channelLifeMs = 24 * 3_600_000;
/** Nothing shorter is believed: the clocks may differ, and `Date` is told to the second. */
const channelLifeMinMs = 5_000;

function isChannel(entity: Entity): entity is Entity & ShownChannel {
  const { id, connectUri } = entity;
  return typeof id === "string" && typeof connectUri === "string" && URL.canParse(connectUri);
}

type Entity = Readonly<Record<string, unknown>>;

function entities(answer: RestAnswer): readonly Entity[] {
  const list = (answer.json as { entities?: unknown } | undefined)?.entities;
  if (!Array.isArray(list))
    throw new TrunklineError("ANSWER_MALFORMED", "A listing came without entities.");
  return list.filter((entity): entity is Entity => typeof entity === "object" && entity !== null);
}

function outcomes(answer: RestAnswer): readonly TopicOutcome[] {
  const list: TopicOutcome[] = [];
  for (const { id, state, rejectionReason: reason, missingPermissions } of entities(answer)) {
    if (typeof id !== "string") continue;
    list.push({
      id,
      permitted: state !== "Rejected",
      reason: typeof reason === "string" ? reason : undefined,
      missingPermissions: strings(missingPermissions),
    });
  }
  return list;
}

const none: readonly string[] = [];

function strings(value: unknown): readonly string[] {
  return Array.isArray(value)
    ? value.filter((item): item is string => typeof item === "string")
    : none;
}
