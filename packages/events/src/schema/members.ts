/** Reads an object strictly: every name in it is known, or refused with what may have been meant. */
import type { Path } from "../json/place.ts";
import { quoted } from "../json/show-value.ts";
import { aggregatePlaceOf } from "./aggregate-parameters.ts";
import type { Members, Reading } from "./reading.ts";

/** Names that are refused one by one; of more it is not of use to hear. */
const namesMax = 200;

export interface MemberRules {
  /** What the object is, for sentences: "a subscription". */
  readonly noun: string;
  readonly known: readonly string[];
  /** Names of other services and habits → the known name that is meant. */
  readonly meant?: Readonly<Record<string, string>>;
  /** Whether a parameter of an analytics query is told as such. */
  readonly isQuery?: boolean;
}

/**
 * Complains of every member with an unknown name.
 * @returns known names that were meant by unknown ones → those: that they are missing need not be said
 */
export function refuseUnknown(
  reading: Reading,
  members: Members,
  path: Path,
  rules: MemberRules,
): ReadonlyMap<string, string> {
  const meant = new Map<string, string>();
  const unknown = Object.keys(members).filter((name) => !rules.known.includes(name));
  for (const name of unknown.slice(0, namesMax)) {
    const guess = refuseName(reading, name, [...path, name], rules);
    if (guess !== undefined && !Object.hasOwn(members, guess)) meant.set(guess, name);
  }
  return meant;
}

/** Complains of one name. @returns the known one that was meant */
export function refuseName(
  reading: Reading,
  name: string,
  path: Path,
  { noun, known, meant = {}, isQuery = true }: MemberRules,
): string | undefined {
  const place = isQuery ? aggregatePlaceOf(name) : undefined;
  if (place !== undefined) {
    reading.complain(
      "AGGREGATE_PARAMETER",
      path,
      `${quoted(name)} belongs to a query of the analytics REST API, not to a stream of events.`,
      { help: `Leave it out here; of Genesys Cloud's API, ${place} takes it.`, atName: true },
    );
    return undefined;
  }
  const habit = Object.hasOwn(meant, name) ? meant[name] : undefined;
  const guess = habit ?? reading.suggest(name, known);
  reading.complain("FIELD_UNKNOWN", path, `${capital(noun)} has no field ${quoted(name)}.`, {
    help:
      guess === undefined
        ? `Leave it out${known.length === 0 ? "" : `; possible are ${listed(known)}`}.`
        : `Write ${guess}, if that is meant; else leave it out.`,
    atName: true,
  });
  return guess;
}

/** `a, b and c`. */
export function listed(names: readonly string[], last = "and"): string {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} ${last} ${names.at(-1) ?? ""}`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
