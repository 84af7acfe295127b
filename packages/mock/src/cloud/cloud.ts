/**
 * The model of the cloud: wires its parts and brings time to them. No I/O; see `contract.ts` for what it promises.
 */
import { createCentre } from "../centre/centre.ts";
import { createWorld } from "../centre/world.ts";
import { availableTopics } from "./catalogue.ts";
import { Channels, type Channel } from "./channels.ts";
import type { Cloud, CloudEffect, CloudOptions, CloudState, CloudUpgrade } from "./contract.ts";
import { Deadlines } from "./deadlines.ts";
import { createDice } from "./dice.ts";
import { codeOfStatus, refusals } from "./errors.ts";
import { FaultBook, type RequestFault, type UpgradeFault } from "./faults.ts";
import { frameOf } from "./frame.ts";
import { inBand } from "./in-band.ts";
import { createFaults } from "./injector.ts";
import { LedgerBook, type LedgerDelivery, type LedgerEntry } from "./ledger.ts";
import { listQueues, listUsers } from "./listing.ts";
import * as notifications from "./notifications.ts";
import { checkOptions } from "./options.ts";
import { refused, toResponse } from "./reply.ts";
import { createRouter, splitPath, type Route } from "./router.ts";
import { defaultSettings, type Settings } from "./settings.ts";
import { Sockets } from "./sockets.ts";
import { snapshot } from "./state.ts";
import { tokenRoutes } from "./token-routes.ts";
import { Tokens, type Token } from "./tokens.ts";

const queuesDefault = 6;
const agentsDefault = 30;
const noDeliveries: readonly LedgerDelivery[] = [];

/** Makes a cloud. Throws `MockError` with code `OPTION_INVALID` when an option is out of its range. */
export function createCloud(options: CloudOptions, outlet: (effect: CloudEffect) => void): Cloud {
  checkOptions(options);
  const settings: Settings = { ...defaultSettings, ...options.settings };
  const { seed, startAtMs } = options;
  // The organisation is the same at every start; tokens, channels and conversations are not.
  const ids = createDice(seed, `ids ${startAtMs}`);
  const correlations = createDice(seed, `correlations ${startAtMs}`);
  const newCorrelationId = (): string => correlations.uuid();
  const world = createWorld(
    createDice(seed, "world"),
    options.queues ?? queuesDefault,
    options.agents ?? agentsDefault,
  );
  const centre = createCentre({
    world,
    dice: createDice(seed, `centre ${startAtMs}`),
    startAtMs,
    rate: options.rate ?? 0,
  });

  const ledger = new LedgerBook(settings);
  const deadlines = new Deadlines(options.onEarlierDeadline);
  const book = new FaultBook();
  let clockMs = startAtMs;

  const tokens = new Tokens({
    clients: options.clients,
    dice: ids,
    deadlines,
    tokensMax: settings.tokensMax,
    onDeath: tokenDied,
  });
  const channels: Channels = new Channels({
    settings,
    dice: ids,
    deadlines,
    ledger,
    onDeath: (channel, death, nowMs) => sockets.channelDied(channel, death, nowMs),
  });
  const sockets: Sockets = new Sockets({
    settings,
    deadlines,
    ledger,
    outlet,
    newCorrelationId,
    organizationId: world.organization.id,
    faultsOf: (socketId, channelId) => book.socketFaults(socketId, channelId),
    command: (channel, message, nowMs) => inBand(channels, channel, message, settings, nowMs),
  });

  /** No. 4 of the open questions: every answer is a setting. */
  function tokenDied(token: Token, nowMs: number): void {
    const revoked = token.state === "revoked";
    ledger.note({
      atMs: nowMs,
      what: `token-${token.state}`,
      clientId: token.client.clientId,
      detail: String(token.tokenId),
    });
    const effect = revoked ? settings.tokenRevocation : settings.tokenExpiry;
    for (const channel of channels.ofClient(token.client)) {
      if (channel.token !== token) continue;
      for (const socket of channel.sockets.slice()) {
        if (revoked && settings.tokenRevokedNotice)
          sockets.notice(socket, `v2.system.token_revoked.${channel.id}`, {
            systemTopicType: "token_revoked",
            reason: "user_tokens_revoked",
            message: "The token that made this channel was revoked.",
          });
        if (effect === "closes-sockets")
          sockets.end(socket, settings.tokenDeathSocket, "token", nowMs);
      }
      if (effect === "kills-channels") channels.remove(channel, "token", nowMs);
    }
  }

  let advancing = false;

  /** An outlet may call back while an effect is under way; what is due then waits for the outer call. */
  function advance(nowMs: number): number {
    clockMs = Math.max(clockMs, nowMs);
    if (advancing) return clockMs;
    advancing = true;
    try {
      runDue();
    } finally {
      advancing = false;
    }
    return clockMs;
  }

  function runDue(): void {
    let events = 0;
    for (;;) {
      const duty = deadlines.nextMs() ?? Number.POSITIVE_INFINITY;
      const living = centre.nextDueMs() ?? Number.POSITIVE_INFINITY;
      if (Math.min(duty, living) > clockMs) break;
      // What is late is done in the order in which it was due, and at the time at which it was due.
      if (duty <= living) {
        deadlines.runNext(clockMs);
        continue;
      }
      if (events >= settings.eventsPerWakeMax) break;
      events += centre.step((topic, bodyOf) => publish(topic, bodyOf, clockMs));
    }
  }

  function publish(topic: string, bodyOf: () => string, atMs: number): LedgerEntry {
    const holders = channels.holding(topic.toLowerCase());
    const correlationId = newCorrelationId();
    if (holders.size === 0)
      return ledger.record({
        atMs,
        topic,
        correlationId,
        body: undefined,
        deliveries: noDeliveries,
      });
    const body = bodyOf();
    const perDelivery = settings.correlationId === "per-delivery";
    const frame = frameOf(topic, body, correlationId);
    const deliveries: LedgerDelivery[] = [];
    for (const channel of holders) {
      if (channel.sockets.length === 0)
        deliveries.push({ channelId: channel.id, outcome: "no-socket" });
      for (const socket of channel.sockets.slice()) {
        // An outlet may have told of its end while another socket was served.
        if (sockets.find(socket.id) === undefined) {
          deliveries.push({ channelId: channel.id, outcome: "no-socket" });
          continue;
        }
        const own = perDelivery ? newCorrelationId() : correlationId;
        const sent = sockets.send(socket, perDelivery ? frameOf(topic, body, own) : frame);
        deliveries.push({
          channelId: channel.id,
          socketId: socket.id,
          outcome: sent ? "sent" : "silenced",
          ...(perDelivery ? { correlationId: own } : {}),
        });
      }
    }
    return ledger.record({ atMs, topic, correlationId, body, deliveries });
  }

  function emit(topic: string, body: object, nowMs: number): LedgerEntry {
    const atMs = advance(nowMs);
    return publish(topic, () => JSON.stringify(body), atMs);
  }

  const streamingUrl = options.streamingUrl;
  const ports: notifications.NotificationPorts = {
    channels,
    settings,
    streamingUrl: typeof streamingUrl === "function" ? streamingUrl : () => streamingUrl,
  };
  const route = createRouter({
    routes: [
      ...tokenRoutes(world, tokens),
      ...notificationRoutes(ports),
      {
        method: "GET",
        path: "/api/v2/routing/queues",
        answer: (exchange) => listQueues(exchange.query, world),
      },
      {
        method: "GET",
        path: "/api/v2/users",
        answer: (exchange) => listUsers(exchange.query, world),
      },
    ],
    tokens,
    settings,
    newCorrelationId,
    hostRole: hostRoles(options),
  });
  const faults = createFaults({
    book,
    channels,
    sockets,
    tokens,
    ledger,
    settings,
    emit,
    advance,
  });

  return {
    ledger,
    faults,
    world,
    settings,
    emit,
    request(request, nowMs) {
      const atMs = advance(nowMs);
      const fault = book.forRequest(request.method, splitPath(request.path).path);
      if (fault?.fault === "failRequests") {
        return { kind: "response", response: failure(fault, newCorrelationId(), atMs) };
      }
      if (fault?.fault === "cutRequests" && fault.when !== "after") return { kind: "cut" };
      const response = route(request, atMs);
      return fault === undefined ? { kind: "response", response } : { kind: "cut" };
    },
    upgrade(path, nowMs) {
      const atMs = advance(nowMs);
      const channelId = /^\/channels\/([^/]+)$/u.exec(splitPath(path).path)?.[1];
      const fault = book.forUpgrade(channelId);
      if (fault?.fault === "cutUpgrades") return { kind: "cut" };
      if (fault !== undefined)
        return { kind: "refused", response: refusedUpgrade(fault, newCorrelationId(), atMs) };
      return open(channelId === undefined ? undefined : channels.find(channelId), atMs);
    },
    received(socketId, text, nowMs) {
      const atMs = advance(nowMs);
      const socket = sockets.find(socketId);
      if (socket !== undefined) sockets.received(socket, text, atMs);
    },
    closed(socketId, nowMs, cause) {
      const atMs = advance(nowMs);
      const socket = sockets.find(socketId);
      if (socket !== undefined) sockets.closed(socket, atMs, cause);
    },
    wake: (nowMs) => void advance(nowMs),
    nextDeadlineMs() {
      const duty = deadlines.nextMs();
      const living = centre.nextDueMs();
      if (duty === undefined) return living;
      return living === undefined ? duty : Math.min(duty, living);
    },
    silenced: (socketId) => sockets.find(socketId)?.faults.silenced ?? false,
    sampleTopics: (count) => centre.topics().slice(0, count),
    state: (): CloudState => snapshot({ tokens, channels, sockets, ledger, nowMs: clockMs }),
  };

  function open(channel: Channel | undefined, nowMs: number): CloudUpgrade {
    const refusal =
      channel === undefined
        ? { ...refusals.notFound("The channel"), status: settings.deadChannelUpgradeStatus }
        : sockets.size >= settings.socketsMax
          ? { status: 503, code: "service.unavailable", message: "Too many sockets." }
          : undefined;
    if (channel !== undefined && refusal === undefined)
      return { kind: "accepted", socketId: sockets.open(channel, nowMs).id };
    const reply = refused(refusal ?? refusals.notFound("The channel"));
    return { kind: "refused", response: toResponse(reply, newCorrelationId(), nowMs) };
  }
}

function notificationRoutes(ports: notifications.NotificationPorts): Route[] {
  const base = "/api/v2/notifications";
  const subscriptions = `${base}/channels/*/subscriptions`;
  return [
    {
      method: "POST",
      path: `${base}/channels`,
      answer: (exchange) => notifications.createChannel(exchange, ports),
    },
    {
      method: "GET",
      path: `${base}/channels`,
      answer: (exchange) => notifications.listChannels(exchange, ports),
    },
    {
      method: "HEAD",
      path: `${base}/channels/*`,
      answer: (exchange) => notifications.headChannel(exchange, ports),
    },
    {
      method: "GET",
      path: subscriptions,
      answer: (exchange) => notifications.listSubscriptions(exchange, ports),
    },
    {
      method: "POST",
      path: subscriptions,
      reads: true,
      answer: (exchange) => notifications.putSubscriptions(exchange, ports, "add"),
    },
    {
      method: "PUT",
      path: subscriptions,
      reads: true,
      answer: (exchange) => notifications.putSubscriptions(exchange, ports, "replace"),
    },
    {
      method: "DELETE",
      path: subscriptions,
      answer: (exchange) => notifications.deleteSubscriptions(exchange, ports),
    },
    {
      method: "GET",
      path: `${base}/availabletopics`,
      answer: (exchange) => availableTopics(exchange.query, ports.settings),
    },
  ];
}

/** Where API and login have hosts of their own, each serves only its own paths. */
function hostRoles(
  options: CloudOptions,
): (host: string | undefined) => "api" | "login" | undefined {
  if (options.apiUrl === undefined || options.loginUrl === undefined) return () => undefined;
  const api = new URL(options.apiUrl).host;
  const login = new URL(options.loginUrl).host;
  if (api === login) return () => undefined;
  return (host) => (host === api ? "api" : host === login ? "login" : undefined);
}

function failure(
  fault: Extract<RequestFault, { fault: "failRequests" }>,
  correlationId: string,
  nowMs: number,
): ReturnType<typeof toResponse> {
  const { status, retryAfterSeconds } = fault;
  const response = toResponse(
    refused({
      status,
      code: fault.code ?? codeOfStatus(status),
      message: "A fault was injected.",
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    }),
    correlationId,
    nowMs,
    fault.headers,
  );
  return fault.body === undefined ? response : { ...response, body: fault.body };
}

function refusedUpgrade(
  fault: Extract<UpgradeFault, { fault: "refuseUpgrades" }>,
  correlationId: string,
  nowMs: number,
): ReturnType<typeof toResponse> {
  const status = fault.status ?? 503;
  const reply = refused({ status, code: codeOfStatus(status), message: "A fault was injected." });
  const response = toResponse(reply, correlationId, nowMs, fault.headers);
  return fault.body === undefined ? response : { ...response, body: fault.body };
}
