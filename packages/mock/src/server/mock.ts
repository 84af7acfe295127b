/**
 * The model on real HTTP and WebSocket, on one port. The server decides nothing: it reads, asks the model, and writes.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Cloud, CloudAnswer } from "../cloud/contract.ts";
import { placeOfHost } from "../cloud/place.ts";
import { machineClock } from "../platform/clock.ts";
import { builtInScenarios } from "../platform/files.ts";
import type { Capture } from "../replay/capture.ts";
import type { Scenario, ScenarioStatus } from "../scenario/scenario.ts";
import type { ControlPorts } from "./control-ports.ts";
import { Delays } from "./delays.ts";
import { readRequest, writeResponse, type ReadRequest } from "./exchange.ts";
import { inUrl, isAnyAddress, isKnownHost, isLoopbackHost } from "./host.ts";
import { beginLife, type Life } from "./life.ts";
import { listen, newServer } from "./listen.ts";
import { loadCapture, loadScenario, parseScenario } from "./load.ts";
import { worldOptions, type MockOptions } from "./options.ts";

/** Below it is the control API. */
export const controlPath = "/_control";

const sendBufferBytesDefault = 16 * 1024 * 1024;
const inboundFrameBytesDefault = 1024 * 1024;
/** Control may carry huge frames to be sent. */
const controlBytesMax = 64 * 1024 * 1024;

/** A mock that listens. */
export interface RunningMock {
  /** Base of the API, as a client's `apiUrl`. */
  readonly apiUrl: string;
  /** Base of `/oauth/token`. */
  readonly loginUrl: string;
  readonly controlUrl: string;
  readonly host: string;
  readonly port: number;
  /** The first client's. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** The model, for tests in the same process; another one after each reset. Its times are those of `nowMs()`. */
  readonly cloud: Cloud;
  /** How far the scenario is. */
  readonly scenario: ScenarioStatus;
  /** The cloud's wall clock, epoch ms. */
  nowMs(): number;
  /** Topics on which events are to be expected. */
  sampleTopics(count: number): readonly string[];
  /**
   * Plays a scenario from the first client on, at once where one has been there; what was played before ends. A scenario
   * that sets options of the mock begins with a reset.
   */
  play(scenario: string | Scenario): Promise<void>;
  /** Ends the scenario, and the faults of it that still stand. */
  stopScenario(): void;
  /** Cuts every socket and makes the world anew, as it was at the start: the same seed, the same instant, no client yet. */
  reset(): void;
  /** Cuts all connections and frees the port. May be called again. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a Genesys Cloud to test against: REST, login, channels and control API on one port.
 * Rejects with `MockError`: `PORT_TAKEN`, `PORT_FORBIDDEN`, `ADDRESS_UNAVAILABLE`, `LISTEN_FAILED`, `OPTION_INVALID`, and
 * those of `loadScenario` and `loadCapture`.
 *
 * @example
 * await using mock = await createMock({ rate: 20 });
 * console.log(mock.apiUrl, mock.clientId, mock.clientSecret, mock.sampleTopics(3));
 */
export async function createMock(options: MockOptions = {}): Promise<RunningMock> {
  const { scenario, replay } = options;
  const played = typeof scenario === "string" ? await loadScenario(scenario) : scenario;
  const capture = typeof replay === "string" ? await loadCapture(replay, false) : replay;
  const host = options.host ?? "127.0.0.1";
  const server = newServer(options.tls);
  const port = await listen(server, host, options.port ?? 0);
  try {
    return run(server, host, port, options, played, capture);
  } catch (error) {
    server.close();
    throw error;
  }
}

function run(
  server: Server,
  host: string,
  port: number,
  options: MockOptions,
  first: Scenario | undefined,
  capture: Capture | undefined,
): RunningMock {
  const { tls, controlHosts: hosts = [] } = options;
  const secure = tls === undefined ? "" : "s";
  const address = `${inUrl(isAnyAddress(host) ? "127.0.0.1" : host)}:${port}`;
  const startAtMs = options.startAtMs ?? machineClock.wallMs();
  const streamingUrl = options.streamingUrl ?? `ws${secure}://${address}`;
  const delays = new Delays(machineClock);
  /** Whether `connectUri` names the host as it was asked for. */
  const repeats = (asked: string): boolean =>
    isLoopbackHost(asked) ||
    isKnownHost(asked, hosts) ||
    (options.streamingUrl === undefined && placeOfHost(asked) !== undefined);

  let lives = 0;
  const begin = (world: ReturnType<typeof worldOptions>, scenario: Scenario | undefined): Life => {
    const begun = beginLife(
      lives,
      {
        ...world,
        startAtMs,
        streamingUrl: (asked) =>
          asked !== undefined && repeats(asked) ? `ws${secure}://${asked}` : streamingUrl,
      },
      capture,
      {
        sendBufferBytesMax: options.sendBufferBytesMax ?? sendBufferBytesDefault,
        inboundFrameBytesMax: options.inboundFrameBytesMax ?? inboundFrameBytesDefault,
      },
    );
    lives += 1;
    if (scenario !== undefined) begun.director.play(scenario, begun.nowMs());
    return begun;
  };
  const atStart = (): Life =>
    begin(worldOptions(options, first?.options ?? {}, capture !== undefined), first);
  let life = atStart();

  const renew = (next: () => Life): void => {
    // Made first: a scenario with an option out of its range leaves everything as it is.
    const renewed = next();
    delays.cutAll();
    life.end();
    life = renewed;
  };
  const play = async (scenario: string | Scenario): Promise<void> => {
    const played = typeof scenario === "string" ? await loadScenario(scenario) : scenario;
    if (Object.keys(played.options).length === 0) life.director.play(played, life.nowMs());
    // What the scenario says goes before what was said at the start.
    else renew(() => begin(worldOptions(played.options, options, capture !== undefined), played));
  };

  const ports: ControlPorts = {
    hosts,
    origin: (asked) => `http${secure}://${asked}`,
    life: () => life,
    reset: () => renew(atStart),
    play,
    parseScenario: (text) => parseScenario(text, "the scenario", "posted"),
    builtInScenarios,
  };
  const answer = async (request: ReadRequest, response: ServerResponse): Promise<void> => {
    if (isControl(request.path)) {
      const { control } = await import("./control.ts");
      return writeResponse(response, await control(ports, request), request.truncated);
    }
    const { cloud, speed } = life;
    const answered: CloudAnswer = cloud.request(request, life.nowMs());
    delays.after(answered.afterMs / speed, response, () => {
      if (answered.kind === "cut") response.socket?.destroy();
      else writeResponse(response, answered.response, request.truncated);
    });
  };
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const bytesMax = isControl(request.url ?? "/")
      ? controlBytesMax
      : life.cloud.settings.requestBytesMax;
    void readRequest(request, bytesMax).then((read) =>
      read === undefined ? undefined : answer(read, response),
    );
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) =>
    life.bank.upgrade(request, socket, head),
  );

  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= new Promise((resolve) => {
      delays.cutAll();
      life.end();
      server.close(() => resolve());
      server.closeAllConnections();
    });
    return closing;
  };
  return {
    apiUrl: `http${secure}://${address}`,
    loginUrl: `http${secure}://${address}`,
    controlUrl: `http${secure}://${address}${controlPath}`,
    host,
    port,
    get clientId() {
      return life.clients[0]?.clientId ?? "";
    },
    get clientSecret() {
      return life.clients[0]?.clientSecret ?? "";
    },
    get cloud() {
      return life.cloud;
    },
    get scenario() {
      return life.director.status();
    },
    nowMs: () => life.nowMs(),
    sampleTopics: (count) => life.cloud.sampleTopics(count),
    play,
    stopScenario: () => life.director.stop(),
    reset: () => renew(atStart),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function isControl(path: string): boolean {
  return path === controlPath || path.startsWith(`${controlPath}/`);
}
