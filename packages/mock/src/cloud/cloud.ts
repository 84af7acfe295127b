/**
 * The model of the cloud: wires its parts and brings time to them. No I/O; see `contract.ts` for what it promises.
 */
import { createCentre } from "../centre/centre.ts";
import { createWorld } from "../centre/world.ts";
import { createLegacy } from "../legacy/legacy.ts";
import { Channels, type Channel } from "./channels.ts";
import type {
  Cloud,
  CloudEffect,
  CloudOptions,
  CloudResponse,
  CloudState,
  CloudUpgrade,
} from "./contract.ts";
import { Deadlines } from "./deadlines.ts";
import { createDice } from "./dice.ts";
import { refusals } from "./errors.ts";
import { FaultBook } from "./fault-book.ts";
import { inBand } from "./in-band.ts";
import { injectedResponse } from "./injected.ts";
import { createFaults } from "./injector.ts";
import { LedgerBook, type LedgerEntry } from "./ledger.ts";
import { checkOptions } from "./options.ts";
import { regionOf } from "./place.ts";
import { publish, publishLife } from "./publisher.ts";
import { refused, toResponse } from "./reply.ts";
import { Published } from "./rest/published.ts";
import { createRouter, splitPath } from "./router.ts";
import { apiRoutes, channelAsked, hostRoles } from "./routes.ts";
import { defaultSettings, type Settings } from "./settings.ts";
import { Sockets } from "./sockets.ts";
import { snapshot } from "./state.ts";
import { topicsChanged } from "./subscription-notice.ts";
import { tokenDied } from "./token-death.ts";
import { Tokens } from "./tokens.ts";

const queuesDefault = 6;
const agentsDefault = 30;

/** Makes a cloud. Throws `MockError` with code `OPTION_INVALID` when an option is out of its range. */
export function createCloud(options: CloudOptions, outlet: (effect: CloudEffect) => void): Cloud {
  checkOptions(options);
  const settings: Settings = { ...defaultSettings, ...options.settings };
  const { seed, startAtMs } = options;
  const region = options.region === undefined ? undefined : regionOf(options.region);
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
    rhythm: options.rhythm,
    conversationsKeptMax: settings.conversationsKeptMax,
    statusChangesKeptMax: settings.statusChangesKeptMax,
  });

  const ledger = new LedgerBook(settings);
  const deadlines = new Deadlines(options.onEarlierDeadline);
  const faultDice = createDice(seed, "faults");
  const book = new FaultBook(faultDice, () => sockets.refreshFaults());
  let clockMs = startAtMs;

  const tokens = new Tokens({
    clients: options.clients,
    dice: ids,
    roleDice: createDice(seed, "roles"),
    deadlines,
    settings,
    organizationId: world.organization.id,
    issuer: options.loginUrl ?? `https://login.${region ?? "mypurecloud.com"}`,
    claimShift: () => book.claimShift(),
    onDeath: (token, nowMs) => {
      tokenDied(token, nowMs, { channels, sockets, ledger, settings });
      legacy.tokenDied(token, nowMs);
    },
  });
  const channels: Channels = new Channels({
    settings,
    dice: ids,
    deadlines,
    ledger,
    onTopics: (channel) => topicsChanged(channel, sockets, settings),
    onDeath: (channel, death, nowMs) => sockets.channelDied(channel, death, nowMs),
  });
  const sockets: Sockets = new Sockets({
    settings,
    deadlines,
    ledger,
    outlet,
    newCorrelationId,
    organizationId: world.organization.id,
    book,
    faultDice,
    nowMs: () => clockMs,
    command: (channel, message, nowMs) => inBand(channels, channel, message, settings, nowMs),
  });

  const legacy = createLegacy({ settings, tokens, deadlines, ledger, outlet, newCorrelationId });
  const published = new Published();
  const publisher = { channels, sockets, ledger, settings, newCorrelationId };
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
      events += centre.step((topic, bodyOf) => publishLife(publisher, topic, bodyOf, clockMs));
    }
  }

  function emit(topic: string, body: object | string, nowMs: number): LedgerEntry {
    const atMs = advance(nowMs);
    published.take(topic, body, atMs);
    const json = (): string => (typeof body === "string" ? body : JSON.stringify(body));
    return publish(publisher, topic, json, atMs);
  }

  const streamingUrl = options.streamingUrl;
  const route = createRouter({
    routes: apiRoutes({
      world,
      tokens,
      records: centre.records,
      published,
      channels,
      settings,
      streamingUrl: typeof streamingUrl === "function" ? streamingUrl : () => streamingUrl,
    }),
    tokens,
    settings,
    newCorrelationId,
    speed: options.speed ?? 1,
    region,
    hostRole: hostRoles(options),
  });
  const faults = createFaults({
    book,
    channels,
    sockets,
    tokens,
    ledger,
    settings,
    dice: faultDice,
    newCorrelationId,
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
      const { path } = splitPath(request.path);
      const afterMs = book.requestDelayMs(request.method, path);
      const fault = book.forRequest(request.method, path);
      if (fault?.fault === "failRequests") {
        const response = injectedResponse(fault, newCorrelationId(), atMs, settings);
        return { kind: "response", response: dated(response), afterMs };
      }
      if (fault?.fault === "cutRequests" && fault.when !== "after") return { kind: "cut", afterMs };
      const response = legacy.request(request, atMs) ?? route(request, atMs);
      return fault === undefined
        ? { kind: "response", response: dated(response), afterMs }
        : { kind: "cut", afterMs };
    },
    upgrade(path, nowMs, host, authorization) {
      const atMs = advance(nowMs);
      const channelId = channelAsked(path, host, region);
      const fault = book.forUpgrade(channelId);
      if (fault?.fault === "cutUpgrades") return { kind: "cut" };
      if (fault === undefined)
        return (
          legacy.upgrade(path, authorization, atMs) ??
          open(channelId === undefined ? undefined : channels.find(channelId), atMs)
        );
      const response = injectedResponse(fault, newCorrelationId(), atMs, settings);
      return { kind: "refused", response: dated(response) };
    },
    received(socketId, text, nowMs) {
      const atMs = advance(nowMs);
      if (legacy.received(socketId, text, atMs)) return;
      const socket = sockets.find(socketId);
      if (socket !== undefined) sockets.received(socket, text, atMs);
    },
    closed(socketId, nowMs, cause) {
      const atMs = advance(nowMs);
      if (legacy.closed(socketId, atMs, cause)) return;
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
    if (channel !== undefined && refusal === undefined) {
      if (settings.reconnectRenews) channels.renew(channel, nowMs);
      const { id: socketId, faults } = sockets.open(channel, nowMs);
      return { kind: "accepted", socketId, headers: { date: date() }, frozen: faults.frozen };
    }
    const reply = refused(refusal ?? refusals.notFound("The channel"));
    return { kind: "refused", response: dated(toResponse(reply, newCorrelationId(), nowMs)) };
  }

  function date(): string {
    return new Date(clockMs + book.dateShiftMs()).toUTCString();
  }

  /** A fault may shift the date; one that a fault gives itself stays. */
  function dated(response: CloudResponse): CloudResponse {
    if (book.dateShiftMs() === 0) return response;
    return { ...response, headers: { ...response.headers, date: date() } };
  }
}
