/** `trunkline run`: the relay in the foreground, until it is stopped. */
import {
  createLog,
  createRelay,
  isRelayError,
  RelayError,
  type Relay,
  type RelayConfig,
  type RelayPorts,
} from "@trunkline/relay";
import type { ConcealingSystem } from "../conceal.ts";
import { describeProblem } from "../print/problem.ts";
import { reloadText } from "../print/reload.ts";
import { createRunTexts, type RunTexts } from "../print/run.ts";
import { aborted, type Output } from "../system.ts";
import { configSource, type RunConfigFlags } from "./run-config.ts";

export interface RunFlags extends RunConfigFlags {
  readonly json?: boolean;
}

/** From here on it is said what is waited for, and again so often where it is something else. */
const patienceMs = 3_000;
const lookAgainMs = 2_000;
/** Whoever has pressed Ctrl-C is told after so long what it takes. */
const goodbyePatienceMs = 700;

/**
 * Ends when somebody asks for it, with everything stored that came; a reader of stdout that goes
 * away is no reason to end.
 * @throws RelayError, TrunklineError, CliError where it cannot start, or every trunk has given up
 */
export async function runRelay(
  flags: RunFlags,
  system: ConcealingSystem,
  create: typeof createRelay = createRelay,
): Promise<void> {
  const { stderr, clock, asked } = system;
  const begun = Promise.withResolvers<void>();
  let relay: Relay | undefined;
  // From the first moment on: without a listener the signal would end the process.
  const forget = system.onReload(() => void reload(relay, flags, system));
  try {
    const source = configSource(flags, system);
    const config = source.read();
    // Reading 20,000 topics leaves 50 MB behind, and nothing is live yet that a pause could hurt.
    system.collectGarbage();
    const texts = createRunTexts(config, source.file, system, personOutput(flags, config, system));
    const log = createLog(
      config.log.level,
      (line) => writeLog(line, stderr),
      () => clock.wallMs(),
    );
    relay = await create({
      config,
      readConfig: source.file === undefined ? undefined : source.read,
      log,
      version: system.version,
      ports: flags.json === true ? { output: outputAfter(begun.promise, system) } : {},
    });
    await serve(relay, flags, system, texts, begun.resolve);
  } finally {
    await stop(relay, flags, system);
    forget();
  }
  if (asked.aborted && flags.json !== true) await stderr.write("Stopped.\n");
}

type End =
  | { readonly kind: "ready" }
  | { readonly kind: "asked" }
  | { readonly kind: "failed"; readonly error: Error };

/** @throws what has made every trunk give up */
async function serve(
  relay: Relay,
  flags: RunFlags,
  system: ConcealingSystem,
  texts: RunTexts,
  onBegun: () => void,
): Promise<void> {
  const { stdout, asked } = system;
  const over = aborted(asked).then((): End => ({ kind: "asked" }));
  const failed = relay.failed.then((error): End => ({ kind: "failed", error }));
  await texts.started(relay.url);
  const waiting = new AbortController();
  const explaining = explain(relay, texts, system, AbortSignal.any([asked, waiting.signal]));
  const first = await Promise.race([
    failed,
    over,
    relay.ready.then((): End => ({ kind: "ready" })),
  ]);
  waiting.abort();
  await explaining;
  if (first.kind === "failed") throw first.error;
  if (first.kind === "asked") return;
  if (flags.json === true)
    await stdout.write(`${JSON.stringify({ ready: true, url: relay.url })}\n`);
  onBegun();
  await texts.live(relay.url, relay.service.trunks());
  const last = await Promise.race([failed, over]);
  if (last.kind === "failed") throw last.error;
}

/** While it is not live: what is missing, each time that this changes. */
async function explain(
  relay: Relay,
  texts: RunTexts,
  { clock }: ConcealingSystem,
  signal: AbortSignal,
): Promise<void> {
  await clock.sleep(patienceMs, signal);
  while (!signal.aborted) {
    await texts.waiting(relay.service.trunks());
    await clock.sleep(lookAgainMs, signal);
  }
}

async function stop(
  relay: Relay | undefined,
  { json }: RunFlags,
  { clock, stderr }: ConcealingSystem,
): Promise<void> {
  if (relay === undefined) return;
  const done = new AbortController();
  // Programs read stderr then, as lines of JSON.
  if (json !== true)
    void clock.sleep(goodbyePatienceMs, done.signal).then(() => {
      if (!done.signal.aborted)
        void stderr.write("Storing what has come, and letting go. Ctrl-C again ends at once.\n");
    });
  try {
    await relay.stop();
  } finally {
    done.abort();
  }
}

/** The relay logs what a reload has changed, or why it was refused; people are told in their words too. */
async function reload(
  relay: Relay | undefined,
  { json }: RunFlags,
  { stderr }: ConcealingSystem,
): Promise<void> {
  if (relay === undefined) {
    await stderr.write("The relay is still starting: its configuration was just read.\n");
    return;
  }
  try {
    const report = await relay.reload();
    if (json !== true) await stderr.write(reloadText(report, stderr.hasColours));
  } catch (error) {
    if (json === true && isRelayError(error)) return;
    const kept = "The configuration is as it was.\n";
    await stderr.write(`${describeProblem(error, stderr.hasColours).text}${kept}`);
  }
}

/** With `--json` the first line says that the relay is ready: a sink on stdout waits for it. */
function outputAfter(begun: Promise<void>, { stdout }: ConcealingSystem): RelayPorts["output"] {
  return {
    write: async (text) => {
      await begun;
      if ((await stdout.hand(text)) === "taken") return;
      throw new RelayError("SINK_OUTPUT_GONE", "Nobody reads the standard output any more.");
    },
  };
}

/** Where words for people go: not among the entries of a sink, nor among data. */
function personOutput(
  { json }: RunFlags,
  { sinks }: RelayConfig,
  { stdout, stderr }: ConcealingSystem,
): Output | undefined {
  if (json === true) return undefined;
  return sinks.some(({ type, isEnabled }) => type === "stdout" && isEnabled) ? stderr : stdout;
}

/** A log that cannot be written is no reason to stop. */
function writeLog(line: string, stderr: Output): void {
  try {
    void stderr.write(line);
  } catch {
    // There is nowhere left to say so.
  }
}
