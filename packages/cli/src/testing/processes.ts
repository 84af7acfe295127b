/** The command in processes of its own, for e2e tests: real pipes, real signals, and always killed at the end. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { createMock, type MockOptions, type RunningMock } from "@trunkline/mock";

export const bin = fileURLToPath(new URL("../../bin/trunkline.js", import.meta.url));
const deadlineMs = 15_000;

export type Env = Readonly<Record<string, string>>;

/** The surroundings of a process, without what npm, vitest or a developer have set. */
function cleanEnv(more: Env): Env {
  const kept = Object.entries(process.env).filter(
    ([name, value]) =>
      value !== undefined && !/^(npm_|GC_|GENESYSCLOUD_|TRUNKLINE_|NODE_|VITEST)/iu.test(name),
  ) as [string, string][];
  const path = `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`;
  return { ...Object.fromEntries(kept), PATH: path, ...more };
}

/** A process whose output is gathered, and can be waited for. */
export class Running {
  readonly child: ChildProcess;
  readonly exit: Promise<number | string>;
  out = "";
  err = "";
  #state: "running" | "closed" = "running";
  #changed: () => void = () => {};

  constructor(command: string, argv: readonly string[], env: Env, reads: boolean) {
    this.child = spawn(command, argv, { env: cleanEnv(env), stdio: ["ignore", "pipe", "pipe"] });
    this.exit = once(this.child, "close").then(([code, signal]: unknown[]) => {
      this.#state = "closed";
      this.#changed();
      return (code ?? signal) as number | string;
    });
    const gather = (stream: "out" | "err") => (text: string) => {
      this[stream] += text;
      this.#changed();
    };
    if (reads) this.child.stdout?.setEncoding("utf8").on("data", gather("out"));
    this.child.stderr?.setEncoding("utf8").on("data", gather("err"));
  }

  /** Waits until the output matches; fails with all that was written when time runs out. */
  async until(stream: "out" | "err", pattern: RegExp): Promise<RegExpMatchArray> {
    const late = AbortSignal.timeout(deadlineMs);
    for (;;) {
      const match = this[stream].match(pattern);
      if (match !== null) return match;
      if (late.aborted || this.#state === "closed")
        throw new Error(`no ${pattern} in std${stream}\n${this.out}\n---\n${this.err}`);
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
        late.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  }

  lines(): readonly Record<string, unknown>[] {
    const whole = this.out.slice(0, this.out.lastIndexOf("\n") + 1);
    return whole
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}

const cleanups: (() => unknown)[] = [];

/** Done after the test, the last first. */
export function onEnd(cleanup: () => unknown): () => void {
  // In a box of its own: the same function may be there twice.
  const kept = (): unknown => cleanup();
  cleanups.push(kept);
  return () => {
    const at = cleanups.indexOf(kept);
    if (at !== -1) cleanups.splice(at, 1);
  };
}

/** To be called after each test. */
export async function endAll(): Promise<void> {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
}

export function start(
  command: string,
  argv: readonly string[],
  env: Env = {},
  { reads = true } = {},
): Running {
  const running = new Running(command, argv, env, reads);
  onEnd(() => running.child.kill("SIGKILL"));
  return running;
}

export function trunkline(line: string, env: Env = {}, options = {}): Running {
  return start(process.execPath, [bin, ...line.split(" ")], env, options);
}

export interface Ready {
  readonly apiUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly controlUrl: string;
}

/** A mock in a process of its own, as still as possible. */
export async function mockProcess(): Promise<Ready> {
  const mock = trunkline("mock --port 0 --rate 0 --json");
  const [line] = await mock.until("out", /^\{.*\}$/mu);
  return JSON.parse(line) as Ready;
}

export async function mockHere(options: MockOptions = {}): Promise<RunningMock> {
  const mock = await createMock({ rate: 0, ...options });
  onEnd(() => mock.close());
  return mock;
}

export function tail(mock: Ready, more: string, options = {}): Running {
  const env = { GC_CLIENT_ID: mock.clientId, GC_CLIENT_SECRET: mock.clientSecret };
  return trunkline(`tail --direct --base-url ${mock.apiUrl} ${more}`, env, options);
}

export const user = "4b1d9f52-6c0f-4b3e-9a70-0d5e8f1c2a3b";
export const presence = `v2.users.${user}.presence`;
export const observations = `v2.analytics.queues.${user}.observations`;

/** Waits for the end, and fails with all that was written when the exit code is another. */
export async function expectExit(running: Running, code: number): Promise<void> {
  const ended = await running.exit;
  if (ended === code) return;
  throw new Error(`ended with ${ended}, not ${code}\n${running.out}\n---\n${running.err}`);
}
