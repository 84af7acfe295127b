/**
 * The model on real HTTP and WebSocket, on one port. The server decides nothing: it reads, asks the model, and writes.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { createCloud } from "../cloud/cloud.ts";
import type {
  Cloud,
  CloudClient,
  CloudOptions,
  CloudRequest,
  CloudResponse,
} from "../cloud/contract.ts";
import { placeOfHost } from "../cloud/place.ts";
import { MockError, type MockErrorCode } from "../mock-error.ts";
import { machineClock, type Clock } from "../platform/clock.ts";
import { control, controlPath } from "./control.ts";
import { inUrl, isLoopbackHost } from "./host.ts";
import { answerMalformed } from "./malformed.ts";
import { SocketBank } from "./socket-bank.ts";

/** The client that the mock has unless told otherwise. Values of a mock, not secrets. */
export const mockClientId = "c0ffee00-0000-4000-8000-000000000001";
export const mockClientSecret = "mock-secret";

/** Bounds of the server; those of the model are in `Settings`. */
export interface MockLimits {
  /** A socket whose reader is this many bytes behind is cut. @default 16777216 */
  readonly sendBufferBytesMax?: number;
  /** A longer message from a client closes its socket with 1009. @default 1048576 */
  readonly inboundFrameBytesMax?: number;
}

/** How a mock is started; everything has a default. */
export interface MockOptions extends MockLimits {
  /** Address to listen on. @default "127.0.0.1" */
  readonly host?: string;
  /** 0 takes a free one. @default 0 */
  readonly port?: number;
  /** @default 1 */
  readonly seed?: number;
  /** Mean events per second of the contact centre. @default 5 */
  readonly rate?: number;
  /** What the cloud's clock shows at the start, epoch ms: a wrong clock, or a world to repeat. @default now */
  readonly startAtMs?: number;
  /** @default one client, `mockClientId` with `mockClientSecret` and all permissions */
  readonly clients?: readonly CloudClient[];
  readonly settings?: CloudOptions["settings"];
  /** The only region where the organisation lives, as a domain or an AWS name. @default every region's names are its own */
  readonly region?: string;
  readonly queues?: number;
  readonly agents?: number;
  /**
   * Base of `connectUri` for requests whose Host header is no loopback name.
   * @default `ws://<host>:<port>`, or the streaming host of the region whose API host was called
   */
  readonly streamingUrl?: string;
  /** Host headers (with port) that the control API answers to besides loopback names. @default [] */
  readonly controlHosts?: readonly string[];
}

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
  /** The model, for tests in the same process. Its times are those of `nowMs()`. */
  readonly cloud: Cloud;
  /** The cloud's wall clock, epoch ms. */
  nowMs(): number;
  /** Topics on which events are to be expected. */
  sampleTopics(count: number): readonly string[];
  /** Cuts all connections and frees the port. May be called again. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a Genesys Cloud to test against: REST, login, channels and control API on one port.
 * Rejects with `MockError`: `PORT_TAKEN`, `PORT_FORBIDDEN`, `ADDRESS_UNAVAILABLE`, `LISTEN_FAILED`, `OPTION_INVALID`.
 *
 * @example
 * await using mock = await createMock({ rate: 20 });
 * console.log(mock.apiUrl, mock.clientId, mock.clientSecret, mock.sampleTopics(3));
 */
export async function createMock(options: MockOptions = {}): Promise<RunningMock> {
  const host = options.host ?? "127.0.0.1";
  // Java's HTTP client asks every plain server for HTTP/2; that is no reason not to answer it.
  const server = createServer({
    shouldUpgradeCallback: isWebSocket,
    // Node would refuse without a code; the model does not need to be told its host.
    requireHostHeader: false,
  });
  server.keepAliveTimeout = keepAliveMs;
  server.requestTimeout = requestMs;
  answerMalformed(server);
  const port = await listen(server, host, options.port ?? 0);
  try {
    return run(server, host, port, options);
  } catch (error) {
    server.close();
    throw error;
  }
}

const keepAliveMs = 65_000;
const requestMs = 30_000;
const rateDefault = 5;
const sendBufferBytesDefault = 16 * 1024 * 1024;
const inboundFrameBytesDefault = 1024 * 1024;

function run(server: Server, host: string, port: number, options: MockOptions): RunningMock {
  const clients = options.clients ?? [{ clientId: mockClientId, clientSecret: mockClientSecret }];
  const address = `${inUrl(isAnyAddress(host) ? "127.0.0.1" : host)}:${port}`;
  const startAtMs = options.startAtMs ?? machineClock.wallMs();
  const elapsedMs = machineClock.stopwatch();
  const nowMs = (): number => startAtMs + elapsedMs();
  const streamingUrl = options.streamingUrl ?? `ws://${address}`;

  const bank = new SocketBank({
    sendBufferBytesMax: options.sendBufferBytesMax ?? sendBufferBytesDefault,
    inboundFrameBytesMax: options.inboundFrameBytesMax ?? inboundFrameBytesDefault,
  });
  const alarm = createAlarm(nowMs, machineClock);
  const cloud = createCloud(
    {
      seed: options.seed ?? 1,
      startAtMs,
      rate: options.rate ?? rateDefault,
      streamingUrl: (streamingHost) =>
        streamingHost !== undefined &&
        (isLoopbackHost(streamingHost) ||
          (options.streamingUrl === undefined && placeOfHost(streamingHost) !== undefined))
          ? `ws://${streamingHost}`
          : streamingUrl,
      clients,
      onEarlierDeadline: () => alarm.arm(),
      ...(options.settings === undefined ? {} : { settings: options.settings }),
      ...(options.region === undefined ? {} : { region: options.region }),
      ...(options.queues === undefined ? {} : { queues: options.queues }),
      ...(options.agents === undefined ? {} : { agents: options.agents }),
    },
    (effect) => bank.perform(effect),
  );
  alarm.watch(cloud);
  bank.serve(cloud, nowMs);

  server.on("request", (request, response) => {
    void readRequest(request, cloud.settings.requestBytesMax).then((read) => {
      if (read === undefined) return;
      const answered = answerOne(cloud, read, nowMs(), options.controlHosts ?? []);
      if (answered === "cut") request.socket.destroy();
      else write(response, answered, read.truncated);
    });
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) =>
    bank.upgrade(request, socket, head),
  );

  const [first] = clients;
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= new Promise((resolve) => {
      alarm.stop();
      bank.close();
      server.close(() => resolve());
      server.closeAllConnections();
    });
    return closing;
  };
  return {
    apiUrl: `http://${address}`,
    loginUrl: `http://${address}`,
    controlUrl: `http://${address}${controlPath}`,
    host,
    port,
    clientId: first?.clientId ?? "",
    clientSecret: first?.clientSecret ?? "",
    cloud,
    nowMs,
    sampleTopics: (count) => cloud.sampleTopics(count),
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface Alarm {
  watch(cloud: Cloud): void;
  arm(): void;
  stop(): void;
}

/** One timer for the model's next deadline. It may ring too early, never too late. */
function createAlarm(nowMs: () => number, clock: Clock): Alarm {
  let watched: Cloud | undefined;
  let cancel: (() => void) | undefined;
  let armedForMs = Number.POSITIVE_INFINITY;
  const arm = (): void => {
    const next = watched?.nextDeadlineMs();
    if (next === undefined || next >= armedForMs) return;
    cancel?.();
    armedForMs = next;
    cancel = clock.after(next - nowMs(), () => {
      armedForMs = Number.POSITIVE_INFINITY;
      watched?.wake(nowMs());
      arm();
    });
  };
  return {
    watch(cloud) {
      watched = cloud;
      arm();
    },
    arm,
    stop() {
      watched = undefined;
      cancel?.();
    },
  };
}

function isControl(path: string): boolean {
  return path === controlPath || path.startsWith(`${controlPath}/`);
}

function isWebSocket(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === "websocket";
}

function answerOne(
  cloud: Cloud,
  request: CloudRequest,
  nowMs: number,
  hosts: readonly string[],
): CloudResponse | "cut" {
  if (isControl(request.path)) return control(cloud, request, { nowMs, hosts });
  const answer = cloud.request(request, nowMs);
  return answer.kind === "cut" ? "cut" : answer.response;
}

/** Control may carry huge frames to be sent. */
const controlBytesMax = 64 * 1024 * 1024;
/** What is too much is read and thrown away up to here, so that the sender gets to read its 413. */
const drainBytesMax = 64 * 1024 * 1024;

async function readRequest(
  request: IncomingMessage,
  modelBytesMax: number,
): Promise<(CloudRequest & { readonly truncated: boolean }) | undefined> {
  const path = request.url ?? "/";
  const bytesMax = isControl(path) ? controlBytesMax : modelBytesMax;
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      // One byte beyond the limit is enough for the model to answer 413.
      if (bytes <= bytesMax) chunks.push(chunk.subarray(0, bytesMax + 1 - bytes));
      bytes += chunk.length;
      if (bytes > drainBytesMax) return undefined;
    }
  } catch {
    return undefined;
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return {
    method: request.method ?? "GET",
    path,
    headers,
    body: Buffer.concat(chunks).toString("utf8"),
    truncated: bytes > bytesMax,
  };
}

function write(response: ServerResponse, answer: CloudResponse, hangUp: boolean): void {
  response.writeHead(answer.status, {
    ...answer.headers,
    ...(answer.body === "" ? {} : { "content-length": Buffer.byteLength(answer.body) }),
    ...(hangUp ? { connection: "close" } : {}),
  });
  response.end(answer.body);
}

function isAnyAddress(host: string): boolean {
  return host === "0.0.0.0" || host === "::" || host === "";
}

const listenErrors: Readonly<Record<string, MockErrorCode>> = {
  EADDRINUSE: "PORT_TAKEN",
  EACCES: "PORT_FORBIDDEN",
  EADDRNOTAVAIL: "ADDRESS_UNAVAILABLE",
  ENOTFOUND: "ADDRESS_UNAVAILABLE",
};

function listen(server: Server, host: string, port: number): Promise<number> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    return Promise.reject(new MockError("OPTION_INVALID", "port must be from 0 to 65535"));
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const code = listenErrors[cause.code ?? ""] ?? "LISTEN_FAILED";
      reject(new MockError(code, `cannot listen on ${host}:${port}`, { cause }));
    });
    server.listen(port, host, () => {
      const { port: taken } = server.address() as AddressInfo;
      resolve(taken);
    });
  });
}
