/** `trunkline scrub`: a captured stream without the people in it. */
import { createScrubber } from "@trunkline/mock";
import { CliError } from "../errors.ts";
import { count, printable, shorten } from "../print/text.ts";
import { whyOf } from "../settings.ts";
import type { FileWriter, System } from "../system.ts";

export interface ScrubFlags {
  readonly force?: boolean;
}

/** Characters of a line; a longer one is left out. */
const lineCharactersMax = 16 * 1024 * 1024;
/** Lines left out that are named one by one. */
const namedMax = 20;
/** Characters of the list of unknown fields. */
const fieldsShownMax = 200;

/** @throws CliError FILE_UNREADABLE, FILE_EXISTS, FILE_UNWRITABLE, LINES_LEFT_OUT */
export async function scrub(
  from: string,
  to: string,
  { force }: ScrubFlags,
  system: System,
): Promise<void> {
  const scrubber = createScrubber(system.newSecret());
  const bad: string[] = [];
  let [number, written] = [0, 0];
  const out = open(to, force === true, system);
  try {
    for await (const line of readLines(from, system)) {
      number += 1;
      if (line?.trim() === "") continue;
      const scrubbed =
        line === undefined
          ? ({ kind: "bad", why: `it has more than ${lineCharactersMax} characters` } as const)
          : scrubber.line(line);
      if (scrubbed.kind === "bad") {
        bad.push(`line ${number}: ${scrubbed.why}`);
        continue;
      }
      out.write(`${scrubbed.text}\n`);
      written += 1;
    }
    out.commit();
  } catch (error) {
    out.abort();
    if (error instanceof CliError) throw error;
    throw new CliError("FILE_UNWRITABLE", `${to} cannot be written${whyOf(error)}.`, {
      cause: error,
    });
  }
  const fields = [...scrubber.unknownFields].join(", ");
  const told =
    fields === ""
      ? ""
      : `Fields that Genesys' models do not have were disguised by name and value: ${shorten(printable(fields), fieldsShownMax)}.\n`;
  await system.stdout.write(`${count(written, "line")} scrubbed into ${to}.\n${told}`);
  if (bad.length > 0) throw leftOut(bad);
}

function leftOut(bad: readonly string[]): CliError {
  const more = bad.length > namedMax ? [`… and ${bad.length - namedMax} more`] : [];
  const list = [...bad.slice(0, namedMax), ...more].join("\n");
  return new CliError("LINES_LEFT_OUT", `${count(bad.length, "line")} left out:\n${list}`);
}

function open(to: string, force: boolean, system: System): FileWriter {
  try {
    return system.openFile(to, force ? "overwrite" : "create");
  } catch (cause) {
    if ((cause as { code?: unknown }).code === "EEXIST")
      throw new CliError("FILE_EXISTS", `${to} is there already; it was left as it is.`, { cause });
    throw new CliError("FILE_UNWRITABLE", `${to} cannot be written${whyOf(cause)}.`, { cause });
  }
}

async function* readLines(from: string, system: System): AsyncGenerator<string | undefined> {
  try {
    yield* system.readLines(from, lineCharactersMax);
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw new CliError("FILE_UNREADABLE", `${from} cannot be read${whyOf(cause)}.`, { cause });
  }
}
