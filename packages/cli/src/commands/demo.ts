/** `trunkline demo`: a mock and the live line out of it in one process, and at the end the books of both. */
import { createClient, type ClientEvent } from "@trunkline/client";
import { mockClientId, mockClientSecret, startMock, type RunningMock } from "@trunkline/mock";
import { Books, type Balance } from "../demo/books.ts";
import { CliError } from "../errors.ts";
import { palette } from "../print/colours.ts";
import { createFormat } from "../print/format.ts";
import { count, duration } from "../print/text.ts";
import { aborted, type System } from "../system.ts";
import { watch } from "../watch.ts";
import { tailCommand } from "./mock.ts";

export interface DemoFlags {
  readonly forMs?: number;
  readonly rate: number;
  readonly json?: boolean;
  readonly trace?: boolean;
}

/** The demo's own OAuth client in its own mock, so that whoever looks in from another terminal is told apart. */
const demoClient = {
  clientId: "c0ffee00-0000-4000-8000-0000000000de",
  clientSecret: "demo-secret",
  name: "demo",
};
/** So many agents are watched. */
const agentsMax = 10;
/** From here on it is said what is waited for. */
const patienceMs = 500;
/** How long it may take at the end until an event has arrived, or the line has noticed that it is dead. */
const settleMs = 20_000;

/** @throws CliError BOOKS_DIFFER when an event is missing outside every gap */
export async function demo(flags: DemoFlags, system: System): Promise<void> {
  const { clock, stdout, stderr } = system;
  const inspector = { clientId: mockClientId, clientSecret: mockClientSecret };
  await using mock = await startMock({ rate: flags.rate, clients: [inspector, demoClient] });
  // With --json stdout is data alone.
  await (flags.json === true ? stderr : stdout).write(introduction(mock, flags, system));

  const topics = topicsOf(mock);
  const startMs = clock.monotonicMs();
  const closing = new AbortController();
  await using client = createClient({
    baseUrl: mock.apiUrl,
    credentials: demoClient,
    topics,
    trace: flags.trace,
    signal: closing.signal,
  });
  const books = new Books(mock.cloud.ledger, createOwnership(mock));
  const onEvent = (event: ClientEvent): "print" | "skip" => {
    const shown = enter(books, event);
    if (books.isClosed && books.isSettled) closing.abort();
    return shown;
  };
  const names = namesOf(mock);
  const format = createFormat(flags.json === true ? "json" : "pretty", system, { topics, names });
  void end(books, flags.forMs, closing, system);
  try {
    await watch({ client, format, onEvent }, system);
  } finally {
    closing.abort();
  }
  if (system.stop.reason === "reader-gone") return;
  const balance = books.balance();
  const ranMs = clock.monotonicMs() - startMs;
  await stdout.write(
    flags.json === true ? summaryLine(balance, ranMs) : summaryText(balance, ranMs, system),
  );
  if (!balance.balanced)
    throw new CliError("BOOKS_DIFFER", "What came is not what the mock's ledger says it sent.");
}

/** Waits until it is time, closes the books, and then the client, as soon as nothing is on its way any more. */
async function end(
  books: Books,
  forMs: number | undefined,
  closing: AbortController,
  { clock, stderr, stop }: System,
): Promise<void> {
  const asked = AbortSignal.any([stop, closing.signal]);
  await (forMs === undefined ? aborted(asked) : clock.sleep(forMs, asked));
  books.close();
  if (books.isSettled) return closing.abort();
  // Where --for has ended it, the first Ctrl-C cuts this short; else the second one, as always.
  const enough = stop.aborted ? closing.signal : asked;
  await clock.sleep(patienceMs, enough);
  if (!enough.aborted) {
    const events = count(books.awaited, "event");
    const said = `Waiting for ${events}, or for the gap that they lie in. Ctrl-C ends at once.\n`;
    await stderr.write(said);
    await clock.sleep(settleMs, enough);
  }
  closing.abort();
}

function enter(books: Books, event: ClientEvent): "print" | "skip" {
  if (event.type === "notification") return books.receive(event) ? "print" : "skip";
  if (event.type === "connected") books.open();
  if (event.type === "gap") books.record(event);
  return "print";
}

/** Whether a channel is the demo's: the mock knows who made it. */
function createOwnership({ cloud }: RunningMock): (channelId: string) => boolean {
  const owners = new Map<string, string>();
  return (channelId) => {
    if (!owners.has(channelId)) {
      for (const channel of cloud.state().channels) owners.set(channel.channelId, channel.clientId);
    }
    return owners.get(channelId) === demoClient.clientId;
  };
}

/** All queues, and some of the agents. */
function topicsOf({ cloud }: RunningMock): readonly string[] {
  const { queues, agents } = cloud.world;
  return [
    ...queues.flatMap(({ id }) => [
      `v2.routing.queues.${id}.conversations`,
      `v2.routing.queues.${id}.users`,
    ]),
    ...agents
      .slice(0, agentsMax)
      .flatMap(({ id }) => [`v2.users.${id}.presence`, `v2.users.${id}.routingStatus`]),
  ];
}

function namesOf({ cloud }: RunningMock): ReadonlyMap<string, string> {
  const { queues, agents } = cloud.world;
  return new Map([...queues, ...agents].map(({ id, name }) => [id, name]));
}

function introduction(mock: RunningMock, flags: DemoFlags, system: System): string {
  const { bold } = palette(system.stdout.hasColours && flags.json !== true);
  const until =
    flags.forMs === undefined
      ? "Ctrl-C ends it"
      : `It ends after ${duration(flags.forMs)}, or on Ctrl-C,`;
  return `${bold("Trunkline demo")}: a mock Genesys Cloud in this process, and the live line out of it. No account is needed.

Look in from another terminal:

${tailCommand(mock, system.commandName)}

Or break the line, and watch it heal:

  curl -d '{"fault":"cutSockets"}' ${mock.controlUrl}/faults

${until} and compares what came with what the mock sent.

`;
}

function summaryLine(balance: Balance, ranMs: number): string {
  return `${JSON.stringify({ type: "summary", ranMs: Math.round(ranMs), ...balance })}\n`;
}

function number(value: number): string {
  return value.toLocaleString("en").padStart(9);
}

function summaryText(balance: Balance, ranMs: number, { stdout }: System): string {
  const { received, emitted, missing, inGaps, unexpected, forgotten, gaps, balanced } = balance;
  const { good, bad, bold } = palette(stdout.hasColours);
  const verdict = balanced
    ? good(missing === 0 ? "Nothing is missing." : "Everything that is missing lies in a gap.")
    : bad("The books differ.");
  const lines = [
    "",
    bold(`After ${duration(ranMs)}:`),
    `${number(emitted)}  events sent on our topics, by the mock's ledger`,
    `${number(received)}  events received`,
    `${number(gaps)}  ${gaps === 1 ? "gap" : "gaps"}`,
    ...(missing > 0
      ? [`${number(missing)}  missing, ${count(inGaps, "event")} of them in gaps`]
      : []),
    ...(unexpected > 0 ? [`${number(unexpected)}  received, but not in the ledger`] : []),
    ...(forgotten > 0 ? [`${number(forgotten)}  no longer in the ledger`] : []),
    verdict,
    "",
  ];
  return lines.join("\n");
}
