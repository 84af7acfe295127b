/** Ids of Genesys Cloud: UUIDs. What stands in their place in examples is called by its name. */
import type { Path } from "../json/place.ts";
import { quoted } from "../json/show-value.ts";
import { kindOf, type Reading } from "./reading.ts";

/** Ids of one list. */
export const idsMax = 1_000;

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/iu;
const bareUuid =
  /^[\s{("']*([\da-f]{8})-?([\da-f]{4})-?([\da-f]{4})-?([\da-f]{4})-?([\da-f]{12})[\s})"']*$/iu;

const placeholders: readonly RegExp[] = [
  /^(?:<.*>|\{.*\}|\[.*\]|%.*%|:\w+)$/su,
  /\$\{|\{\{|^\$\w/u,
  /^(?:0{8}(?:-0{4}){3}-0{12}|f{8}(?:-f{4}){3}-f{12})$/iu,
  /^x{4,}(?:-?x+)*$/iu,
  /(?:^|[^a-z])(?:your|my|example|sample|placeholder|insert|replace|here|todo|change-?me|dummy|uuid|guid)(?:[^a-z]|$)/iu,
  /^(?:(?:some|the|a)[-_ ]?)?(?:(?:conv|conversation|queue|user|agent|division|member|entity|sub)[-_ ]?(?:id)?|id)[-_ ]?\d{0,8}$/iu,
  /^(?:\.{2,}|…)$/u,
];

export function isUuid(text: string): boolean {
  return uuid.test(text);
}

/** Whether it stands for an id in an example: `your-queue-id-here`, `{id}`, `<queue id>`, `conv-12345`, a UUID of zeros. */
export function isPlaceholder(text: string): boolean {
  return (
    text.length <= placeholderCharactersMax && placeholders.some((each) => each.test(text.trim()))
  );
}

const placeholderCharactersMax = 100;

interface IdOptions {
  /** What it is the id of, for sentences: "queue". */
  readonly noun: string;
  /** Words that may stand for ids. */
  readonly words?: readonly string[];
}

/** One id or a list of them, as lower-case UUIDs, sorted, each once. Undefined where it cannot be read. */
export function readIds(
  reading: Reading,
  value: unknown,
  path: Path,
  options: IdOptions & { readonly mayBeEmpty?: boolean },
): readonly string[] | undefined {
  const { noun, mayBeEmpty = false } = options;
  if (typeof value === "string") {
    const id = readId(reading, value, path, options);
    return id === undefined ? undefined : [id];
  }
  if (!Array.isArray(value)) {
    reading.complain(
      "FIELD_INVALID",
      path,
      `Here stands ${kindOf(value)}, no id of a ${noun} and no array of them.`,
      {
        help: `Give one id as a string, or several in an array.`,
      },
    );
    return undefined;
  }
  if (value.length === 0 && !mayBeEmpty) {
    reading.complain(
      "FIELD_INVALID",
      path,
      `The list of ids is empty: it would mean no ${noun} at all.`,
      {
        help: `Name at least one ${noun}, or leave the field out.`,
      },
    );
    return undefined;
  }
  if (value.length > idsMax)
    reading.complain(
      "FIELD_INVALID",
      path,
      `The list has ${value.length} ids, and at most ${idsMax} are possible.`,
      {
        help: "Split the subscription into several.",
      },
    );
  const ids = new Set<string>();
  let isWhole = value.length <= idsMax;
  for (const [index, item] of value.slice(0, idsMax).entries()) {
    const id = readId(reading, item, [...path, index], options);
    if (id === undefined) isWhole = false;
    else if (ids.has(id))
      reading.notice(
        "REPEATED",
        [...path, index],
        `${id} stands twice in the list, and counts once.`,
      );
    else ids.add(id);
  }
  return isWhole ? [...ids].toSorted() : undefined;
}

/** One id, in lower case. */
export function readId(
  reading: Reading,
  value: unknown,
  path: Path,
  { noun, words = [] }: IdOptions,
): string | undefined {
  if (typeof value !== "string") {
    reading.complain("ID_INVALID", path, `Here stands ${kindOf(value)}, no id of a ${noun}.`);
    return undefined;
  }
  if (words.includes(value)) return value;
  if (isPlaceholder(value)) {
    reading.complain(
      "ID_PLACEHOLDER",
      path,
      `${quoted(value)} is a placeholder of an example, not the id of a ${noun}.`,
      {
        help: `Put the real id of the ${noun} in its place: a UUID, such as 2f1c6b1e-7a0b-4c8d-9a57-0d3b6a1f4e22.`,
      },
    );
    return undefined;
  }
  if (isUuid(value)) return value.toLowerCase();
  reading.complain("ID_INVALID", path, `${quoted(value)} is no id of a ${noun}: ids are UUIDs.`, {
    help: remedyFor(value, words),
  });
  return undefined;
}

function remedyFor(value: string, words: readonly string[]): string | undefined {
  const parts = value.length <= placeholderCharactersMax ? bareUuid.exec(value) : null;
  if (parts !== null)
    return `Write it with four hyphens and nothing around it: ${parts.slice(1).join("-").toLowerCase()}.`;
  const word = words.find((each) => each === value.trim().toLowerCase());
  if (word !== undefined) return `Write it as "${word}".`;
  if (/^(?:self|\*|all|any)$/iu.test(value.trim()))
    return 'For all that the relay\'s credential sees, write "divisions":["self"] in filters instead.';
  return undefined;
}
