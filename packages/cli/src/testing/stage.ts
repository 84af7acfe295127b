/** A process for unit tests: what was written, and when to stop, in the hands of the test. */
import type { NotificationEvent } from "@trunkline/client";
import { createConcealing, type ConcealingSystem } from "../conceal.ts";
import type { Output, StopReason, System } from "../system.ts";

export interface Stage {
  readonly system: ConcealingSystem;
  /** What was written to stdout so far. */
  readonly out: () => string;
  readonly err: () => string;
  readonly stop: (reason: StopReason) => void;
}

export interface StageOptions {
  readonly env?: System["env"];
  readonly files?: Readonly<Record<string, string>>;
  readonly isTerminal?: boolean;
}

/** The wall clock of the stage stands at noon, local time. */
export const noonMs = new Date(2026, 10, 21, 12, 0, 0, 0).getTime();

export function createStage({
  env = {},
  files = {},
  isTerminal = false,
}: StageOptions = {}): Stage {
  const stopping = new AbortController();
  const out: string[] = [];
  const err: string[] = [];
  const output = (texts: string[]): Output => ({
    isTerminal,
    hasColours: false,
    columns: isTerminal ? 100 : undefined,
    write: (text) => {
      texts.push(text);
      return undefined;
    },
  });
  const system: ConcealingSystem = {
    env,
    stdout: output(out),
    stderr: createConcealing(output(err)),
    stop: stopping.signal,
    clock: {
      monotonicMs: () => 0,
      wallMs: () => noonMs,
      sleep: (_, signal) =>
        new Promise((resolve) => {
          signal.addEventListener("abort", () => resolve(), { once: true });
        }),
    },
    readText: (path, charactersMax) => {
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error("no such file"), { code: "ENOENT" });
      return text.slice(0, charactersMax);
    },
    commandName: "trunkline",
    version: "0.0.0",
  };
  return {
    system,
    out: () => out.join(""),
    err: () => err.join(""),
    stop: (reason) => stopping.abort(reason),
  };
}

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
  };
}
