/** A process for unit tests: what was written, and when to stop, in the hands of the test. */
import type { Clock, NotificationEvent } from "@trunkline/client";
import { createConcealing, type ConcealingSystem } from "../conceal.ts";
import type { HttpDoor, Output, StopReason, System } from "../system.ts";

export interface Stage {
  readonly system: ConcealingSystem;
  /** What was written to stdout so far. */
  readonly out: () => string;
  readonly err: () => string;
  readonly stop: (reason: StopReason) => void;
  /** What was written to files. */
  readonly written: ReadonlyMap<string, string>;
  /** As SIGHUP does. */
  readonly reload: () => void;
}

export interface StageOptions {
  readonly env?: System["env"];
  readonly files?: Readonly<Record<string, string>>;
  readonly isTerminal?: boolean;
  readonly clock?: Clock;
  readonly http?: HttpDoor;
}

/** The wall clock of the stage stands at noon, local time. */
export const noonMs = new Date(2026, 10, 21, 12, 0, 0, 0).getTime();

/** Time stands still, and whoever sleeps sleeps until the end. */
const standingClock: Clock = {
  monotonicMs: () => 0,
  wallMs: () => noonMs,
  sleep: (_, signal) =>
    new Promise((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
    }),
};

export function createStage({
  env = {},
  files = {},
  isTerminal = false,
  clock = standingClock,
  http = noHttp,
}: StageOptions = {}): Stage {
  const stopping = new AbortController();
  const asking = new AbortController();
  const out: string[] = [];
  const err: string[] = [];
  const written = new Map<string, string>();
  const reloaders = new Set<() => void>();
  const output = (texts: string[]): Output => ({
    isTerminal,
    hasColours: false,
    columns: isTerminal ? 100 : undefined,
    write: (text) => {
      texts.push(text);
      return undefined;
    },
    hand: (text) => {
      texts.push(text);
      return Promise.resolve("taken");
    },
  });
  const system: ConcealingSystem = {
    env,
    stdout: output(out),
    stderr: createConcealing(output(err)),
    stop: stopping.signal,
    asked: asking.signal,
    clock,
    http,
    random: () => 0.5,
    readText: (path, charactersMax) => {
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error("no such file"), { code: "ENOENT" });
      return text.slice(0, charactersMax);
    },
    readInput: (charactersMax) => Promise.resolve((files["-"] ?? "").slice(0, charactersMax)),
    readLines: async function* (path) {
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error("no such file"), { code: "ENOENT" });
      yield* await Promise.resolve(text.split("\n"));
    },
    openFile: (path, mode) => {
      if (mode === "create" && (path in files || written.has(path)))
        throw Object.assign(new Error("file exists"), { code: "EEXIST" });
      let text = "";
      return {
        write: (more) => (text += more),
        commit: () => written.set(path, text),
        abort: () => undefined,
      };
    },
    newSecret: () => "a secret of the stage",
    writeText: (path, text, mode) => {
      if (mode === "create" && (path in files || written.has(path)))
        throw Object.assign(new Error("file exists"), { code: "EEXIST" });
      if (path.startsWith("/nowhere/"))
        throw Object.assign(new Error("no such directory"), { code: "ENOENT" });
      written.set(path, text);
    },
    collectGarbage: () => undefined,
    temporaryFolder: () => ({ path: "/tmp/nowhere", [Symbol.dispose]: () => undefined }),
    isWorldReadable: () => false,
    folder: "/here",
    onReload: (listener) => {
      reloaders.add(listener);
      return () => reloaders.delete(listener);
    },
    commandName: "trunkline",
    version: "0.0.0",
  };
  return {
    system,
    out: () => out.join(""),
    err: () => err.join(""),
    stop: (reason) => {
      if (reason === "asked") asking.abort();
      stopping.abort(reason);
    },
    written,
    reload: () => {
      for (const listener of reloaders) listener();
    },
  };
}

const noHttp: HttpDoor = () =>
  Promise.reject(Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }));

/** A notification as the client tells it, made from a frame. */
export function notificationOf(frame: object, receivedAtMs = noonMs): NotificationEvent {
  const raw = JSON.stringify(frame);
  const { topicName, eventBody, metadata } = JSON.parse(raw) as {
    topicName: string;
    eventBody: unknown;
    metadata?: { CorrelationId?: string };
  };
  const correlationId = metadata?.CorrelationId;
  return {
    type: "notification",
    topic: topicName,
    body: eventBody,
    correlationId,
    raw,
    receivedAtMs,
    line: 1,
    maybeDuplicate: false,
  };
}
