/** `trunkline tail`: what a relay has stored, and what it stores from now on. */
import type { ConcealingSystem } from "../conceal.ts";
import { CliError } from "../errors.ts";
import type { FormatName } from "../print/format-names.ts";
import { createJournalFormat } from "../print/journal.ts";
import { createRoadNotices } from "../print/road.ts";
import type { AddressFlags } from "../relay/address.ts";
import { readJournal } from "../relay/journal.ts";
import { openRemote } from "../relay/remote.ts";

export interface JournalFlags extends AddressFlags {
  readonly topic?: readonly string[];
  readonly since?: string;
  /** @default true */
  readonly follow?: boolean;
  readonly format?: FormatName;
}

/** @throws CliError, RelayError */
export async function tailJournal(flags: JournalFlags, system: ConcealingSystem): Promise<void> {
  const { topic: topics = [], follow = true } = flags;
  if (flags.since === "") throw new CliError("OPTION_EMPTY", "--since is empty.");
  // Who does not wait for what is new wants what there is.
  const since = flags.since ?? (follow ? undefined : "0");
  const { stdout, stderr, stop } = system;
  const name = flags.format ?? (stdout.isTerminal ? "pretty" : "json");
  const format = createJournalFormat(name, system, topics);
  const relay = openRemote(flags, system);
  const notices = createRoadNotices(relay.url, stderr.hasColours, () => system.clock.wallMs());

  const reading = {
    relay,
    since,
    topics,
    follow,
    withFrames: name === "genesys",
    onLost: (why: string, retryInMs: number) => tell(notices.lost(why, retryInMs)),
    onBack: (cursor: string) => tell(notices.back(cursor)),
  };
  const tell = (text: string | undefined): void => {
    if (text !== undefined) void stderr.write(text);
  };
  for await (const lines of readJournal(reading, system)) {
    const { out, err } = format(lines);
    if (err !== "") await stderr.write(err);
    // Most writes find room: only the others are waited for.
    const room = out === "" ? undefined : stdout.write(out);
    if (room !== undefined) await room;
    if (stop.aborted) return;
  }
}
