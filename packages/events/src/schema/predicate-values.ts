/** Values of a condition: what its operator takes, and what its field can hold. */
import type { Path } from "../json/place.ts";
import { quoted } from "../json/show-value.ts";
import type { NamedField } from "../named-values.ts";
import type { Operator, Predicate, PredicateField } from "../subscription.ts";
import { readId } from "./ids.ts";
import { listed } from "./members.ts";
import { kindOf, type Members, type Reading } from "./reading.ts";

/** Values of one condition. */
export const predicateValuesMax = 1_000;
/** Characters of one value. */
const valueCharactersMax = 1_000;
type Value = Predicate["values"][number];

const idNouns: Readonly<Partial<Record<NamedField, string>>> = {
  queueId: "queue",
  userId: "user",
  conversationId: "conversation",
  divisionId: "division",
};

/** Fields with names, and what is known to stand in them; undefined where that is open or an id. */
const usualValues: Readonly<Record<NamedField, readonly string[] | undefined>> = {
  // The media of the sessions of a participant; official SDK code, and the list is open.
  mediaType: [
    "voice",
    "chat",
    "email",
    "callback",
    "message",
    "cobrowse",
    "video",
    "screenshare",
    "socialexpression",
    "internalmessage",
    "screenmonitoring",
  ],
  direction: ["inbound", "outbound"],
  state: undefined,
  queueId: undefined,
  userId: undefined,
  conversationId: undefined,
  divisionId: undefined,
};

const ordering: ReadonlySet<Operator> = new Set(["gt", "gte", "lt", "lte"]);

/** Words for media that Genesys Cloud calls otherwise. */
const mediaHabits: Readonly<Record<string, string>> = {
  call: "voice",
  phone: "voice",
  calls: "voice",
  sms: "message",
  messaging: "message",
};

export function isNamedField(name: string): name is NamedField {
  return Object.hasOwn(usualValues, name);
}

interface ValueRules {
  readonly field: PredicateField | undefined;
  readonly operator: Operator;
  /** Whether they stand there under another name. */
  readonly isMeant: boolean;
}

/** Reads `values` of a condition; undefined where they are refused. */
export function readValues(
  reading: Reading,
  condition: Members,
  path: Path,
  rules: ValueRules,
): readonly Value[] | undefined {
  const { operator } = rules;
  const at = [...path, "values"];
  if (!Object.hasOwn(condition, "values")) {
    if (operator === "exists") return [];
    if (!rules.isMeant)
      reading.complain("FIELD_MISSING", path, "The condition has no values.", {
        isAbsent: true,
        help: 'Add them as an array: "values":["voice"].',
      });
    return undefined;
  }
  const values = condition["values"];
  if (!Array.isArray(values)) {
    reading.complain(
      "PREDICATE_INVALID",
      at,
      `values is ${kindOf(values)}, and must be an array, even for one value.`,
      { help: 'Write "values":[…].' },
    );
    return undefined;
  }
  const why = whyWrongCount(operator, values);
  if (why !== undefined) {
    reading.complain("PREDICATE_INVALID", at, why.message, { help: why.help });
    return undefined;
  }
  // That something exists is said without values.
  if (operator === "exists") return values[0] === false ? [false] : [];
  const read = values.map((value, index) => readValue(reading, value, [...at, index], rules));
  return read.includes(undefined) ? undefined : read.filter((value) => value !== undefined);
}

function whyWrongCount(
  operator: Operator,
  values: readonly unknown[],
): { readonly message: string; readonly help: string } | undefined {
  if (operator === "exists")
    return values.length === 0 || (values.length === 1 && typeof values[0] === "boolean")
      ? undefined
      : {
          message: "exists takes no values, or one that is true or false.",
          help: 'Leave values out, or write "values":[false] for a field that is not there.',
        };
  if (values.length === 0)
    return {
      message: "values is empty, so no event could meet the condition, or each would.",
      help: "Name at least one value.",
    };
  if (operator === "in" || operator === "notIn")
    return values.length <= predicateValuesMax
      ? undefined
      : {
          message: `There are ${values.length} values, and at most ${predicateValuesMax} are possible.`,
          help: "Split the subscription into several.",
        };
  return values.length === 1
    ? undefined
    : {
        message: `${operator} takes one value, and here stand ${values.length}.`,
        help: "For several use in or notIn.",
      };
}

function readValue(
  reading: Reading,
  value: unknown,
  path: Path,
  { field, operator }: ValueRules,
): Value | undefined {
  if (typeof value === "string" && value.length > valueCharactersMax) {
    reading.complain(
      "PREDICATE_INVALID",
      path,
      `The value has ${value.length} characters, and at most ${valueCharactersMax} are possible.`,
    );
    return undefined;
  }
  if (ordering.has(operator) && typeof value !== "number" && typeof value !== "string") {
    reading.complain(
      "PREDICATE_INVALID",
      path,
      `${operator} compares numbers, or strings, and here stands ${kindOf(value)}.`,
      { help: "Give a number, or a string such as a time of ISO 8601." },
    );
    return undefined;
  }
  if (operator === "prefix" && (typeof value !== "string" || value === "")) {
    reading.complain("PREDICATE_INVALID", path, "prefix takes a string that is not empty.", {
      help: "Give the beginning that the value must have.",
    });
    return undefined;
  }
  const isScalar =
    typeof value === "string" ||
    typeof value === "boolean" ||
    value === null ||
    (typeof value === "number" && Number.isFinite(value));
  if (!isScalar) {
    reading.complain(
      "PREDICATE_INVALID",
      path,
      `A value is a string, a number, true, false or null, and here stands ${kindOf(value)}.`,
      { help: "Give values one by one, without arrays or objects around them." },
    );
    return undefined;
  }
  if (field === undefined || !isNamedField(field)) return value;
  return readNamedValue(reading, value, path, field, operator);
}

/** Named fields hold strings, without regard to case. */
function readNamedValue(
  reading: Reading,
  value: Value,
  path: Path,
  field: NamedField,
  operator: Operator,
): Value | undefined {
  const noun = idNouns[field];
  if (noun !== undefined && !ordering.has(operator) && operator !== "prefix")
    return readId(reading, value, path, { noun });
  if (typeof value !== "string") {
    reading.complain(
      "PREDICATE_INVALID",
      path,
      `${field} holds strings, and here stands ${kindOf(value)}.`,
      { help: "Give a string." },
    );
    return undefined;
  }
  const plain = value.toLowerCase();
  const usual = usualValues[field];
  if (
    usual !== undefined &&
    !ordering.has(operator) &&
    operator !== "prefix" &&
    !usual.includes(plain)
  ) {
    const guess =
      (field === "mediaType" && Object.hasOwn(mediaHabits, plain)
        ? mediaHabits[plain]
        : undefined) ?? reading.suggest(plain, usual);
    const hint = guess === undefined ? `known are ${listed(usual)}` : `perhaps ${guess} is meant`;
    reading.notice(
      "VALUE_UNUSUAL",
      path,
      `Genesys Cloud is not known to send ${quoted(value)} as ${field}; ${hint}.`,
    );
  }
  return plain;
}
