/** `trunkline demo`: a mock, a relay and a subscriber, interruptions of every kind, and at the end the books of all three. */
import type { RunningMock } from "@trunkline/mock";
import { createLog, createRelay, type Relay } from "@trunkline/relay";
import type { ConcealingSystem } from "../conceal.ts";
import { Books } from "../demo/books.ts";
import {
  bareSubscriber,
  createOwnership,
  demoConfig,
  demoSubscriber,
  fastProfileText,
  namesOf,
  startDemoMock,
  strike,
} from "../demo/scene.ts";
import { announcements, programmeOf, type Programme } from "../demo/programme.ts";
import { difference, summaryLine, summaryText } from "../demo/summary.ts";
import { Watch } from "../demo/watch.ts";
import { CliError } from "../errors.ts";
import { palette } from "../print/colours.ts";
import { createJournalFormat } from "../print/journal.ts";
import { count, duration } from "../print/text.ts";
import { readJournal } from "../relay/journal.ts";
import { createRemote } from "../relay/remote.ts";
import { aborted, type System } from "../system.ts";

export interface DemoFlags {
  readonly forMs?: number;
  readonly rate: number;
  readonly json?: boolean;
  readonly trace?: boolean;
}

/** From here on it is said what is waited for. */
const patienceMs = 500;
/** How long it may take at the end until an event has arrived, or the line has noticed that it is dead. */
const settleMs = 20_000;
/** Entries of one look into the journal. */
const pageEntriesMax = 1_000;

/** @throws CliError BOOKS_DIFFER when an event is missing outside every gap, or there twice */
export async function demo(flags: DemoFlags, system: ConcealingSystem): Promise<void> {
  if (flags.trace === true)
    throw new CliError("USAGE", "demo has nothing to trace: it prints entries of a relay.", {
      help: "trunkline tail --direct --trace shows each request, upgrade, frame and close.",
    });
  const { clock, stdout, stop } = system;
  const programme = programmeOf(flags.forMs);
  await using mock = await startDemoMock(flags.rate, programme);
  using folder = system.temporaryFolder();
  const config = demoConfig(mock, folder.path, system);
  const log = createLog("silent", () => undefined);
  await using relay = await createRelay({ config, log, version: system.version });
  const isOurs = createOwnership(mock);
  const books = new Books(mock.cloud.ledger, isOurs);
  const watch = new Watch(mock, isOurs);
  const run = { mock, relay, books, watch, programme, closing: new AbortController() };

  await Promise.race([relay.ready, aborted(stop), relay.failed.then(rethrow)]);
  books.open();
  const startMs = clock.monotonicMs();
  await stdout.write(flags.json === true ? readyLine(run) : introduction(run, flags, system));
  const watching = Promise.all([keepBooks(run), subscribe(run, flags, system)]);
  void direct(run, flags, system);
  try {
    await watching;
  } finally {
    run.closing.abort();
  }
  if (stop.reason === "reader-gone") return;
  const balance = books.balance();
  const ranMs = clock.monotonicMs() - startMs;
  await stdout.write(
    flags.json === true
      ? summaryLine(balance, books.interruptions(watch.marks))
      : summaryText(balance, books.interruptions(watch.marks), ranMs, stdout.hasColours),
  );
  if (!balance.ok) throw new CliError("BOOKS_DIFFER", `The books differ: ${difference(balance)}.`);
}

interface Run {
  readonly mock: RunningMock;
  readonly relay: Relay;
  readonly books: Books;
  readonly watch: Watch;
  readonly programme: Programme;
  /** Aborts when there is nothing left to wait for. */
  readonly closing: AbortController;
}

/** Enters what the journal stores. */
async function keepBooks({ relay, books, closing }: Run): Promise<void> {
  const { journal } = relay.service;
  for (let after = 0; ;) {
    await journal.grown(after, closing.signal);
    if (closing.signal.aborted) return;
    const { entries, next } = await journal.read({ after, limit: pageEntriesMax });
    books.store(entries);
    after = next;
  }
}

/** A program of its own, as far as the relay can tell: it reads over HTTP, and prints. */
async function subscribe(
  { mock, relay, books, closing }: Run,
  flags: DemoFlags,
  system: System,
): Promise<void> {
  const { stdout, stop } = system;
  const name = flags.json === true ? "json" : "pretty";
  const topics = relay.service.trunks().flatMap((trunk) => trunk.topics.map(({ topic }) => topic));
  const format = createJournalFormat(name, system, topics, namesOf(mock));
  const remote = createRemote({ url: relay.url, token: undefined }, system);
  const reading = {
    relay: remote,
    since: "0",
    topics: [],
    follow: true,
    withFrames: false,
    onLost: () => undefined,
    onBack: () => undefined,
  };
  for await (const lines of readJournal(reading, { ...system, stop: closing.signal })) {
    const ours = lines.filter(
      ({ kind, cursor }) => kind === "gap" || books.deliver(positionOf(cursor)),
    );
    const { out } = format(ours);
    const room = out === "" ? undefined : stdout.write(out);
    if (room !== undefined) await room;
    if (stop.reason === "reader-gone") closing.abort();
  }
}

/** Plays the programme, waits for the end, and closes the books when nothing is on its way any more. */
async function direct(run: Run, flags: DemoFlags, system: System): Promise<void> {
  const { mock, books, closing, programme, watch } = run;
  const { clock, stderr, stop } = system;
  const { forMs } = flags;
  const asked = AbortSignal.any([stop, closing.signal]);
  const startMs = clock.monotonicMs();
  const acts = [...programme.acts];
  for (let atMs = 0; !asked.aborted && atMs < (forMs ?? Number.POSITIVE_INFINITY);) {
    const [act] = acts;
    if (act !== undefined && act.atMs <= atMs) {
      acts.shift();
      await stderr.write(`\n${announcements[act.name]}\n\n`);
      watch.note(act.name);
      strike(mock, act.name);
    }
    watch.look();
    await clock.sleep(pollMs, asked);
    atMs = clock.monotonicMs() - startMs;
  }
  books.close();
  // Where --for has ended it, the first Ctrl-C cuts this short; else the second one, as always.
  const enough = stop.aborted ? closing.signal : asked;
  const deadlineMs = clock.monotonicMs() + settleMs;
  for (let waitedMs = 0; !books.isSettled && !enough.aborted; waitedMs += pollMs) {
    if (clock.monotonicMs() >= deadlineMs) break;
    if (waitedMs === patienceMs) {
      const events = count(books.awaited, "event");
      const said = `Waiting for ${events}, or for the gap that they lie in. Ctrl-C ends at once.\n`;
      await stderr.write(said);
    }
    await clock.sleep(pollMs, enough);
  }
  closing.abort();
}

/** How often it is looked whether the books are settled. */
const pollMs = 50;

function positionOf(cursor: string): number {
  return Number(cursor.slice(cursor.lastIndexOf("-") + 1));
}

function rethrow(error: Error): never {
  throw error;
}

/** What a program needs to look in, on one line. */
function readyLine({ mock, relay }: Run): string {
  const { apiUrl, loginUrl, clientId, clientSecret, controlUrl } = mock;
  const told = { apiUrl, loginUrl, clientId, clientSecret, controlUrl };
  const gateway = { url: relay.url, ...demoSubscriber };
  return `${JSON.stringify({ ready: true, mock: told, relay: { url: relay.url }, gateway })}\n`;
}

function introduction(
  { mock, relay, programme }: Run,
  { forMs }: DemoFlags,
  system: System,
): string {
  const { bold } = palette(system.stdout.hasColours);
  const { commandName } = system;
  const until =
    forMs === undefined ? "Ctrl-C ends it" : `It ends after ${duration(forMs)}, or on Ctrl-C,`;
  const firstIn = duration(programme.acts[0]?.atMs ?? 0);
  return `${bold("Trunkline demo")}: a mock Genesys Cloud, a relay that stores what it sends, and a subscriber of the relay,
all in this process. No account is needed. Fast profile: ${fastProfileText}.

Look in from another terminal:

  ${commandName} tail --url ${relay.url} --since 0
  ${commandName} gaps --url ${relay.url}

Subscribe as any program can, by the Event API and without a library:

  ${bareSubscriber(relay.url)}

Or break the line, and watch it heal (after ${firstIn} the demo begins to do so itself):

  curl -d '{"fault":"cutSockets"}' ${mock.controlUrl}/faults

${until} and compares what was delivered with what the mock sent.

`;
}
