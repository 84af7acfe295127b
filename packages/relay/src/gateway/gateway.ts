/**
 * The gateway: serves the Event API on sockets, over what the journal holds.
 *
 * ```
 * upgrade ─► connection (machine + driver) ─► subscriber ─┬─► journal, in pages, until it has caught up
 *                                                         └─► hub ─► feed: one message an entry and shape
 * ```
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { GatewayConfig } from "../config/config.ts";
import type { Journal } from "../journal/journal.ts";
import type { Clock, Log } from "../ports.ts";
import type { TrunkStatus } from "../service.ts";
import type {
  EventApiAnswer,
  EventApiCall,
  EventApiRoute,
  StreamEvents,
} from "../http/event-api.ts";
import { Alarms } from "./alarms.ts";
import { Connection } from "./connection/connection.ts";
import type { Wire } from "./connection/wire.ts";
import { Coverages } from "./coverage.ts";
import type { OrganisationOf } from "./fan-out/concerns.ts";
import { Feeds } from "./fan-out/feeds.ts";
import { Hub } from "./fan-out/hub.ts";
import { GatewayError } from "./gateway-error.ts";
import type { Access, Grant } from "./grant.ts";
import { Interests, type InterestPorts } from "./interests.ts";
import type { Parts } from "./parts.ts";
import { positionOf } from "./position.ts";
import { Retrospect } from "./retrospect.ts";
import { mustRead } from "./rights.ts";
import { Consumers } from "./standing/consumers.ts";
import { standingRoutes, type PlannedTrunk } from "./standing/routes.ts";
import { StandingSubscriptions } from "./standing/subscriptions.ts";
import { Tally, type ConnectionEnd, type GatewayStatus } from "./status.ts";
import { Stream } from "./stream.ts";
import {
  Connections,
  grantFor,
  readQuery,
  readUpgrade,
  refuseUpgrade,
  type Wanted,
} from "./upgrade.ts";

/** What a socket tells, once it is open. */
export interface WireEvents {
  onText(text: string): void;
  onBinary(): void;
  onPong(): void;
  onTooLarge(): void;
  onEnd(): void;
}

/** Completes a WebSocket handshake. */
export type Accept = (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  begin: (wire: Wire) => WireEvents,
) => void;

export interface GatewayOptions {
  readonly config: GatewayConfig;
  readonly access: Access;
  readonly journal: Journal;
  readonly trunks: () => readonly TrunkStatus[];
  /** What is known of each trunk's organisation. */
  readonly planned: () => readonly PlannedTrunk[];
  /** What is known of one trunk's organisation: asked for every event. */
  readonly organisation: OrganisationOf;
  /** Makes an id that was never there before. */
  readonly newId: () => string;
  readonly clock: Clock;
  readonly log: Log;
  readonly accept: Accept;
  /** Subscribers want this now, and nothing else. */
  readonly wanted: InterestPorts["changed"];
}

/** What may be said to whoever reads, whatever carries it. */
type Peer = Pick<Connection, "condemn" | "reconsider" | "tell" | "status">;

/** Reading a journal that failed is tried again so often. */
const retryReadMs = 1_000;
/** So long ahead the relay's end is announced. */
const closingInMs = 250;
/** Whoever is told of it should wait so long. */
const restartMs = 2_000;

export class Gateway {
  readonly #options: GatewayOptions;
  readonly #parts: Parts;
  readonly #places: Connections;
  readonly #connections = new Set<Peer>();
  #phase: "serving" | "closing" = "serving";

  constructor(options: GatewayOptions) {
    const { journal, clock, log, access, trunks, config } = options;
    this.#options = options;
    this.#places = new Connections(config);
    const journalFailed = async (error: unknown): Promise<void> => {
      log.warn(
        { code: "STREAM_FAILED", cause: String(error) },
        "The journal could not be read for subscribers; it is tried again.",
      );
      await clock.sleep(retryReadMs, new AbortController().signal);
    };
    const hub = new Hub({ journal, clock, failed: journalFailed });
    const names = (): readonly string[] => trunks().map(({ name }) => name);
    const retrospect = new Retrospect({ journal, clock, trunks: names });
    const coverages = new Coverages({ clock, trunks });
    const interests = new Interests({
      clock,
      changed: (wanted, since) => {
        options.wanted(wanted, since);
        coverages.forget();
      },
    });
    const { newId } = options;
    const countMax = config.subscriptionsMax;
    const standing = { journal, interests, clock, log, newId, countMax };
    this.#parts = {
      journal,
      hub,
      feeds: new Feeds(options.organisation, (error) =>
        log.error(
          { code: "INTERNAL", cause: String(error) },
          "An entry could not be looked at for subscribers; they were told of a gap.",
        ),
      ),
      coverages,
      retrospect,
      isListed: (subscription, visible) =>
        options
          .planned()
          .filter(({ name }) => visible?.includes(name) !== false)
          .every(
            ({ isOver, isGuessing, isListed }) =>
              isOver || (isListed(subscription) && !isGuessing(subscription)),
          ),
      interests,
      standing: new StandingSubscriptions(standing),
      consumers: new Consumers({ journal, interests, log }),
      access,
      alarms: new Alarms(clock),
      tally: new Tally(),
      clock,
      log,
      journalFailed,
    };
  }

  /** Sockets that are open. */
  get connections(): number {
    return this.#places.count;
  }

  /** Takes over what subscribers have left in the journal. */
  async start(): Promise<void> {
    const { standing, consumers, access } = this.#parts;
    const isClient = (clientId: string): boolean => access.isClient(clientId);
    await standing.start(isClient);
    await consumers.start(isClient);
  }

  /** For the HTTP face, which serves them without `http.token` and behind the guards of host and origin. */
  get routes(): readonly EventApiRoute[] {
    const { access, journal, planned } = this.#options;
    const { standing, consumers } = this.#parts;
    return standingRoutes({
      access,
      journal,
      standing,
      consumers,
      trunks: planned,
      openStream: (call) => this.#openStream(call),
    });
  }

  /** As it is now; nothing is counted on the way of an event for it. */
  status(): GatewayStatus {
    const { tally, feeds } = this.#parts;
    const connections = [...this.#connections].map((connection) => connection.status());
    return {
      connections,
      shapes: feeds.count,
      sent: connections.reduce((sum, { sent }) => sum + sent, tally.sent),
      received: connections.reduce((sum, { received }) => sum + received, tally.received),
      refusals: tally.refusals,
      closes: tally.closes,
    };
  }

  /** Takes over a request to upgrade that has passed the guards, and answers it in any case. */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { log, access, accept } = this.#options;
    // What breaks before there is a connection is the peer's; nobody else hears of it.
    socket.on("error", ignore);
    let leave: () => void = ignore;
    try {
      this.#mustServe();
      const wanted = readUpgrade(request);
      leave = this.#places.enter(request.socket.remoteAddress ?? "");
      const grant = await grantFor(wanted.token, access);
      if (grant !== undefined) await this.#mustBegin(wanted, grant);
      // Looking at a token takes time, and the relay may have begun to end meanwhile.
      this.#mustServe();
      if (socket.destroyed) return leave();
      const address = request.socket.remoteAddress;
      accept(request, socket, head, (wire) => {
        socket.off("error", ignore);
        return this.#begin(wire, wanted, grant, leave, address);
      });
      // A handshake that the library refused has been answered by it.
      socket.on("close", leave);
    } catch (error) {
      leave();
      const { refused, contextId, isForeseen } = refuseUpgrade(socket, error);
      this.#parts.tally.refused("upgrade", refused.code);
      const fields = { code: refused.code, contextId, address: request.socket.remoteAddress };
      if (isForeseen) log.debug(fields, refused.message);
      else log.error({ ...fields, cause: String(error) }, "An upgrade failed.");
    }
  }

  /** By itself, so that what a socket keeps for as long as it is open is not all that its upgrade knew. */
  #begin(
    wire: Wire,
    { format, implied, standing, since, consumer }: Wanted,
    grant: Grant | undefined,
    leave: () => void,
    address: string | undefined,
  ): WireEvents {
    const connection: Connection = new Connection({
      parts: this.#parts,
      wire,
      grant,
      format,
      implied,
      standing,
      since,
      consumer,
      onEnd: (end) => {
        leave();
        this.#connections.delete(connection);
        this.#parts.tally.ended(end);
        this.#sayEnd(end, address);
      },
    });
    this.#connections.add(connection);
    return connection;
  }

  /** What can be refused is, while an HTTP answer can say why. */
  async #mustBegin({ standing, since, consumer }: Wanted, grant: Grant): Promise<void> {
    positionOf(since, this.#options.journal);
    if (standing !== undefined) this.#parts.standing.get(standing, grant.clientId);
    if (consumer !== undefined) await this.#parts.consumers.open(grant.clientId, consumer);
  }

  async #openStream(call: EventApiCall): Promise<EventApiAnswer> {
    this.#mustServe();
    const { access } = this.#options;
    const { token, format, since, consumer } = readQuery(call);
    if (format !== "events" || consumer !== undefined)
      throw new GatewayError(
        "FIELD_INVALID",
        "A stream of Server-Sent Events has neither format nor consumer: a WebSocket has them.",
      );
    const grant = await grantFor(token, access);
    if (grant === undefined)
      throw new GatewayError("TOKEN_MISSING", "The request carries no token.");
    this.#mustServe();
    const id = call.names["id"] ?? "";
    // Looked at here, since what is refused later is refused in the middle of an answer.
    const { subscription } = this.#parts.standing.get(id, grant.clientId);
    mustRead(subscription, grant);
    positionOf(since, this.#options.journal);
    const leave = this.#places.enter(call.address);
    const open = (wire: Wire): StreamEvents => {
      const stream: Stream = new Stream({
        parts: this.#parts,
        wire,
        grant,
        since,
        read: (removed) => this.#parts.standing.read(id, grant.clientId, removed),
        onEnd: (end) => {
          leave();
          this.#connections.delete(stream);
          this.#sayEnd(end, call.address);
        },
      });
      this.#connections.add(stream);
      return { onEnd: () => stream.lost() };
    };
    return { open, abandoned: leave };
  }

  #mustServe(): void {
    if (this.#phase === "serving") return;
    throw new GatewayError("SHUTTING_DOWN", "The relay is about to end.", {
      retryAfterMs: restartMs,
    });
  }

  /** The configuration has changed: clients may be gone. */
  reconsider(): void {
    const { standing, consumers, access, log } = this.#parts;
    const isClient = (clientId: string): boolean => access.isClient(clientId);
    standing.prune(isClient);
    void consumers
      .prune(isClient)
      .catch((error: unknown) =>
        log.warn(
          { code: "STREAM_FAILED", cause: String(error) },
          "The durable consumers of clients that are gone could not be removed.",
        ),
      );
    for (const connection of this.#connections) connection.reconsider();
  }

  /** Announces the end, and closes every socket with its code. */
  async stop(): Promise<void> {
    if (this.#phase === "closing") return;
    this.#phase = "closing";
    const { clock } = this.#options;
    if (this.#connections.size > 0) {
      for (const connection of this.#connections)
        connection.tell({
          type: "closing",
          code: "SHUTTING_DOWN",
          message: "The relay is about to end.",
          inMs: closingInMs,
          retryAfterMs: restartMs,
        });
      await clock.sleep(closingInMs, new AbortController().signal);
      for (const connection of this.#connections)
        connection.condemn({
          code: "SHUTTING_DOWN",
          message: "The relay ends.",
          retryAfterMs: restartMs,
        });
    }
    this.#parts.hub.stop();
    this.#parts.standing.stop();
    this.#parts.interests.stop();
    this.#parts.alarms.stop();
  }

  #sayEnd(
    { clientId, code, ageMs, sent, received }: ConnectionEnd,
    address: string | undefined,
  ): void {
    const age = Math.round(ageMs);
    this.#options.log.info(
      { client: clientId, code, ageMs: age, sent, received, address },
      code === undefined ? "subscriber left" : "subscriber was closed",
    );
  }
}

function ignore(): void {
  // The end of the socket is told by its close.
}
