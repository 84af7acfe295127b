/** `trunkline sinks`: where the relay delivers to, how far each has come, and what can be done about it. */
import type {
  CheckReply,
  DeadLetterReply,
  DeadLettersReply,
  Problem,
  ReplayReply,
  SinkReply,
  SinksReply,
} from "@trunkline/relay";
import type { ConcealingSystem } from "../conceal.ts";
import { CliError } from "../errors.ts";
import { palette, type Palette } from "../print/colours.ts";
import { table, type Cell } from "../print/table.ts";
import { clockTime, count, dayOf, duration, printable } from "../print/text.ts";
import type { AddressFlags } from "../relay/address.ts";
import { openRemote, type RemoteRelay } from "../relay/remote.ts";

export interface SinksFlags extends AddressFlags {
  readonly json?: boolean;
}

/** @throws CliError, RelayError */
export async function sinks(flags: SinksFlags, system: ConcealingSystem): Promise<void> {
  const { sinks: all } = await openRemote(flags, system).ask<SinksReply>("/admin/sinks");
  await system.stdout.write(flags.json === true ? jsonLines(all) : sinksText(all, system));
}

/** @throws CliError SINK_FAILED where writing would not work */
export async function checkSink(
  name: string,
  flags: SinksFlags,
  system: ConcealingSystem,
): Promise<void> {
  const outcome = await order<CheckReply>(openRemote(flags, system), name, "check");
  if (flags.json === true) await system.stdout.write(jsonLines([outcome]));
  if (!outcome.ok) {
    const { code, message, help } = outcome.error;
    throw new CliError("SINK_FAILED", `${name}: ${code}: ${message}`, { help });
  }
  if (flags.json === true) return;
  const { good } = palette(system.stdout.hasColours);
  await system.stdout.write(`${good("ok")}  ${printable(`${name}: ${outcome.detail}`)}\n`);
}

/** Prints all dead letters of a sink, page by page. */
export async function listDeadLetters(
  name: string,
  flags: SinksFlags,
  system: ConcealingSystem,
): Promise<void> {
  const relay = openRemote(flags, system);
  let printed = 0;
  for (let after = 0; ;) {
    const query = `after=${after}&limit=${deadLettersPage}`;
    const page = await relay.ask<DeadLettersReply>(`${pathOf(name, "dead-letters")}?${query}`);
    const last = page.deadLetters.at(-1);
    if (last === undefined || system.stop.aborted) break;
    const lines =
      flags.json === true
        ? jsonLines(page.deadLetters)
        : page.deadLetters.map((letter) => deadLetterText(letter, system)).join("");
    await system.stdout.write(lines);
    printed += page.deadLetters.length;
    after = last.id;
  }
  if (flags.json === true) return;
  const { dim, good } = palette(system.stdout.hasColours);
  await system.stdout.write(
    printed === 0
      ? `${good("No dead letters.")}\n`
      : `${dim(`${count(printed, "dead letter")}. Give them to it again: ${system.commandName} sinks replay ${name}`)}\n`,
  );
}

export interface ReplayFlags extends SinksFlags {
  readonly id?: readonly number[];
}

/** @throws CliError SINK_FAILED where the sink has refused some of them again */
export async function replayDeadLetters(
  name: string,
  flags: ReplayFlags,
  system: ConcealingSystem,
): Promise<void> {
  const body = flags.id === undefined ? {} : { ids: flags.id };
  const relay = openRemote(flags, system);
  const outcome = await order<ReplayReply>(relay, name, "dead-letters/replay", body);
  const { replayed, refused } = outcome;
  await system.stdout.write(
    flags.json === true
      ? jsonLines([outcome])
      : `${name} has taken ${count(replayed, "dead letter")}.\n`,
  );
  const unknown = new Set(flags.id).size - replayed - refused;
  if (unknown > 0) {
    const what = `${count(unknown, "id")} of those given ${unknown === 1 ? "is" : "are"} no dead letter`;
    throw new CliError("SINK_FAILED", `${what} of ${name}.`, {
      help: `Those that there are: ${system.commandName} sinks dead-letters ${name}`,
    });
  }
  if (refused === 0) return;
  throw new CliError("SINK_FAILED", `${name} has refused ${count(refused, "dead letter")} again.`, {
    help: `They are kept, with the reason: ${system.commandName} sinks dead-letters ${name}`,
  });
}

export interface RewindFlags extends SinksFlags {
  readonly to: string;
}

/** @throws RelayError CURSOR_INVALID, CURSOR_FOREIGN */
export async function rewindSink(
  name: string,
  flags: RewindFlags,
  system: ConcealingSystem,
): Promise<void> {
  const relay = openRemote(flags, system);
  const sink = await order<SinkReply>(relay, name, "rewind", { cursor: flags.to });
  await system.stdout.write(
    flags.json === true
      ? jsonLines([sink])
      : `${name} goes on after ${flags.to}. ${entriesText(sink.behind)} after it.\n`,
  );
}

export async function resumeSink(
  name: string,
  flags: SinksFlags,
  system: ConcealingSystem,
): Promise<void> {
  const sink = await order<SinkReply>(openRemote(flags, system), name, "resume");
  await system.stdout.write(
    flags.json === true ? jsonLines([sink]) : `${name} is tried again at once.\n`,
  );
}

/** Dead letters that are read at a time. */
const deadLettersPage = 100;

function order<T>(relay: RemoteRelay, name: string, verb: string, body?: object): Promise<T> {
  return relay.order<T>(pathOf(name, verb), body);
}

function pathOf(name: string, verb: string): string {
  return `/admin/sinks/${encodeURIComponent(name)}/${verb}`;
}

function jsonLines(values: readonly object[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join("");
}

const states: Readonly<Record<SinkReply["state"], keyof Palette>> = {
  opening: "warn",
  live: "good",
  retrying: "bad",
  halted: "bad",
  stopped: "dim",
};

function sinksText(all: readonly SinkReply[], system: ConcealingSystem): string {
  const paint = palette(system.stdout.hasColours);
  if (all.length === 0)
    return `The relay has no sinks: its journal is read with ${system.commandName} tail.\n`;
  const columns = [
    { title: "SINK" },
    { title: "TYPE" },
    { title: "STATE" },
    { title: "BEHIND", align: "right" as const },
    { title: "WRITTEN", align: "right" as const },
    { title: "DEAD LETTERS", align: "right" as const },
    { title: "CURSOR" },
  ];
  const rows = all.map((sink): readonly Cell[] => [
    { text: sink.name },
    { text: sink.type },
    sink.enabled
      ? { text: sink.state, paint: paint[states[sink.state]] }
      : { text: "disabled", paint: paint.dim },
    { text: number(sink.behind) },
    { text: number(sink.written) },
    { text: number(sink.deadLetters), ...(sink.deadLetters > 0 ? { paint: paint.bad } : {}) },
    { text: sink.cursor },
  ]);
  const troubles = all.flatMap((sink) => [
    ...(sink.error === undefined ? [] : [troubleText(sink, sink.error, system)]),
    ...(sink.deadLetters === 0 ? [] : [lettersText(sink, system)]),
  ]);
  return [table(columns, rows, paint.bold), ...troubles].join("\n");
}

/** What is wrong with a sink, when it is tried again, and what to do. */
function troubleText(
  { name, retryAt, state }: SinkReply,
  { code, message, help }: Problem,
  { stdout, clock, commandName }: ConcealingSystem,
): string {
  const { bad, bold } = palette(stdout.hasColours);
  const inMs = retryAt === undefined ? undefined : Date.parse(retryAt) - clock.wallMs();
  const again = inMs === undefined ? "" : ` It is tried again in ${duration(inMs)}.`;
  const resume =
    state === "halted" ? `  → When that is done: ${commandName} sinks resume ${name}\n` : "";
  const said = `${printable(message.replace(/\.?$/u, "."))}${again}`;
  return `${bad(name)} ${bold(code)}: ${said}\n  → ${printable(help)}\n${resume}`;
}

/** Where to look for what a sink would not have. */
function lettersText(
  { name, deadLetters }: SinkReply,
  { stdout, commandName }: ConcealingSystem,
): string {
  const { bad } = palette(stdout.hasColours);
  const what = `${count(deadLetters, "dead letter")}: refused for good, and kept.`;
  return `${bad(name)} has ${what}\n  → See why: ${commandName} sinks dead-letters ${name}\n`;
}

function deadLetterText(
  { id, at, reason, entry }: DeadLetterReply,
  system: ConcealingSystem,
): string {
  const { dim, bold } = palette(system.stdout.hasColours);
  const atMs = Date.parse(at);
  const { topic, cursor } = entry;
  const what = typeof topic === "string" ? topic : "gap";
  const where = typeof cursor === "string" ? cursor : "";
  const head = `${bold(String(id))}  ${dim(`${dayOf(atMs)} ${clockTime(atMs)}`)}`;
  return `${head}  ${printable(`${where}  ${what}`)}\n    ${printable(reason)}\n`;
}

function number(value: number): string {
  return value.toLocaleString("en");
}

function entriesText(value: number): string {
  return value === 1
    ? "1 entry of the journal comes"
    : `${number(value)} entries of the journal come`;
}
