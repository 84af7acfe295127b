/** The real process: its streams, signals, clock and end. */
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "@trunkline/client";
import { CliError, exitCodes } from "../errors.ts";
import { describeProblem } from "../print/problem.ts";
import type { StopReason, System, TemporaryFolder } from "../system.ts";
import { openFile, readLines } from "./files.ts";
import { http } from "./http.ts";
import { collectGarbage } from "./memory.ts";
import { createOutput } from "./output.ts";

/** Whoever has pressed Ctrl-C is told after so long why nothing seems to happen. */
const patienceMs = 500;
/** How long the reader may take nothing after the program was asked to end. */
const stuckMsMax = 5_000;
const stuck = `Nothing was read for ${stuckMsMax / 1_000} s.`;
/** How long sockets may take to say goodbye after everything is written. */
const goodbyeMsMax = 500;
/** The bit of a file's mode that lets everybody read it. */
const othersRead = 0o004;
/** npx and its kin pass on a Ctrl-C that the terminal has sent us already: that is one, not two. */
const echoMs = 300;
const timerMsMax = 2_147_483_647;

export interface HostProcess {
  readonly argv: readonly string[];
  readonly system: System;
  /** Writes out what is left and lets the process end, or ends it where something holds it. */
  finish(exitCode: number): Promise<void>;
}

export function openProcess(): HostProcess {
  const stopping = new AbortController();
  const asking = new AbortController();
  const stop = (reason: StopReason): void => stopping.abort(reason);
  const stdout = createOutput(process.stdout, process.env, () => stop("reader-gone"));
  const stderr = createOutput(process.stderr, process.env, () => {});
  const end = (error: unknown): void => {
    const problem = describeProblem(error, stderr.hasColours);
    try {
      void stderr.write(problem.text);
    } finally {
      process.exit(problem.exitCode);
    }
  };

  const timers: NodeJS.Timeout[] = [];
  process.on("uncaughtException", end);
  let askedAtMs = 0;
  const onSignal = (): void => {
    if (asking.signal.aborted) {
      if (performance.now() - askedAtMs < echoMs) return;
      process.exit(exitCodes.interrupted);
    }
    askedAtMs = performance.now();
    asking.abort();
    stop("asked");
    let drains = stdout.drains;
    const explain = (): void => {
      if (stdout.isBlocked)
        void stderr.write("Writing out what has come. Ctrl-C again ends at once.\n");
    };
    const giveUp = (): void => {
      if (stdout.isBlocked && stdout.drains === drains) end(new CliError("OUTPUT_STUCK", stuck));
      drains = stdout.drains;
    };
    timers.push(setTimeout(explain, patienceMs), setInterval(giveUp, stuckMsMax));
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);

  return {
    argv: process.argv.slice(2),
    system: {
      env: process.env,
      stdout,
      stderr,
      stop: stopping.signal,
      asked: asking.signal,
      clock,
      readText,
      readInput,
      readLines,
      openFile,
      newSecret: () => randomBytes(32).toString("base64url"),
      writeText: (path, text, mode) => {
        writeFileSync(path, text, { flag: mode === "create" ? "wx" : "w" });
      },
      temporaryFolder,
      collectGarbage,
      isWorldReadable: (path) => (statSync(path).mode & othersRead) !== 0,
      folder: process.cwd(),
      http,
      random: Math.random,
      onReload: (listener) => {
        process.on("SIGHUP", listener);
        return () => process.off("SIGHUP", listener);
      },
      commandName: commandName(process.argv[1] ?? "", process.env),
      version: ownVersion(),
    },
    finish: async (exitCode) => {
      process.exitCode = exitCode;
      await Promise.all([stdout.flush(), stderr.flush()]);
      for (const timer of timers) clearTimeout(timer);
      setTimeout(() => process.exit(), goodbyeMsMax).unref();
    },
  };
}

function temporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), "trunkline-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

const clock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  sleep: async (ms, signal) => {
    try {
      await sleep(Math.min(ms, timerMsMax), undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  },
};

/** Reads no more than it must: the path may be anything, such as a device that never ends. */
function readText(path: string, charactersMax: number): string {
  const buffer = Buffer.alloc(charactersMax);
  const file = openSync(path, "r");
  try {
    let length = 0;
    for (;;) {
      const read = readSync(file, buffer, length, buffer.length - length, null);
      if (read === 0) return buffer.toString("utf8", 0, length);
      length += read;
    }
  } finally {
    closeSync(file);
  }
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

/** How a person in this directory calls what is running. */
function commandName(script: string, env: NodeJS.ProcessEnv): string {
  if (env["npm_execpath"] !== undefined) return "npx trunkline";
  return basename(script) === "trunkline" ? "trunkline" : `node ${relative(process.cwd(), script)}`;
}

function ownVersion(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { readonly version: string }).version;
}
