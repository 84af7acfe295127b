/** The real process: its streams, signals, clock and end. */
import { readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { MockHttpAnswer, MockSystem } from "../command/system.ts";
import { readText } from "./files.ts";

export interface HostProcess {
  readonly argv: readonly string[];
  readonly system: MockSystem;
  readonly version: string;
  finish(exitCode: number): void;
}

const timerMsMax = 2_147_483_647;
/** 128 and the number of SIGINT. */
const interrupted = 130;

export function openProcess(): HostProcess {
  const stopping = new AbortController();
  const onSignal = (): void => {
    // A second one ends at once.
    if (stopping.signal.aborted) process.exit(interrupted);
    stopping.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  // Nobody reads any more: an end like any other.
  process.stdout.on("error", () => stopping.abort());
  return {
    argv: process.argv.slice(2),
    system: {
      env: process.env,
      stdout: outputOf(process.stdout),
      stderr: outputOf(process.stderr),
      stop: stopping.signal,
      clock: {
        wallMs: () => Date.now(),
        sleep: (ms, signal) =>
          sleep(Math.min(ms, timerMsMax), undefined, { signal }).catch(() => undefined),
      },
      readText,
      readInput,
      http,
    },
    version: ownVersion(),
    finish: (exitCode) => {
      process.exitCode = exitCode;
    },
  };
}

function outputOf(stream: NodeJS.WriteStream): MockSystem["stdout"] {
  return {
    hasColours: stream.isTTY && (process.env["NO_COLOR"] ?? "") === "",
    write: (text) =>
      stream.write(text)
        ? undefined
        : new Promise((resolve) => {
            stream.once("drain", resolve);
            stream.once("error", () => resolve());
          }),
  };
}

async function readInput(charactersMax: number): Promise<string> {
  let text = "";
  process.stdin.setEncoding("utf8");
  for await (const piece of process.stdin as AsyncIterable<string>) {
    text += piece;
    if (text.length > charactersMax) break;
  }
  return text.slice(0, charactersMax);
}

const http: MockSystem["http"] = ({ method, url, headers, body }, signal) => {
  const target = new URL(url);
  const send = target.protocol === "https:" ? httpsRequest : httpRequest;
  const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
  return new Promise<MockHttpAnswer>((resolve, reject) => {
    const options = { method, headers: { ...headers, ...length }, agent: false as const, signal };
    const outgoing = send(target, options, (incoming) => {
      incoming.setEncoding("utf8");
      // Whoever reads the body gets the error; nobody need read it.
      incoming.on("error", () => {});
      const names = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]);
      const got = Object.fromEntries(names) as Record<string, string>;
      if (method === "HEAD") incoming.resume();
      resolve({ status: incoming.statusCode ?? 0, headers: got, body: incoming });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
};

function ownVersion(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { readonly version: string }).version;
}
