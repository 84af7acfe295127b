/** Conditions on events: `{"field":"mediaType","operator":"in","values":["voice"]}`. */
import type { JsonPaths } from "../json/json-paths.ts";
import type { Path } from "../json/place.ts";
import { quoted } from "../json/show-value.ts";
import {
  namedFields,
  operators,
  type Operator,
  type Predicate,
  type PredicateField,
} from "../subscription.ts";
import { listed, refuseUnknown } from "./members.ts";
import { isNamedField, readValues } from "./predicate-values.ts";
import { isObject, kindOf, type Reading } from "./reading.ts";

/** Conditions of one event type. */
export const predicatesMax = 50;
/** Characters of a JSON path. */
const pathCharactersMax = 256;

const operatorHabits: Readonly<Record<string, Operator>> = {
  "=": "eq",
  "==": "eq",
  "===": "eq",
  equals: "eq",
  equal: "eq",
  is: "eq",
  matches: "eq",
  "!=": "ne",
  "!==": "ne",
  "<>": "ne",
  notEquals: "ne",
  not: "ne",
  ">": "gt",
  ">=": "gte",
  "<": "lt",
  "<=": "lte",
  not_in: "notIn",
  nin: "notIn",
  anyOf: "in",
  oneOf: "in",
  contains: "in",
  startsWith: "prefix",
  starts_with: "prefix",
};

const fieldHabits: Readonly<Record<string, string>> = {
  dimension: "field",
  property: "field",
  path: "field",
  name: "field",
  op: "operator",
  comparator: "operator",
  value: "values",
  value_list: "values",
};

/** Conditions of one event type; those that are refused are left out. */
export function readPredicates(
  reading: Reading,
  value: unknown,
  path: Path,
  paths: JsonPaths | undefined,
): readonly Predicate[] {
  if (!Array.isArray(value)) {
    reading.complain(
      "PREDICATE_INVALID",
      path,
      `The filter of an event type is an array of conditions, and here stands ${kindOf(value)}.`,
      {
        help: 'Write [{"field":"queueId","operator":"in","values":["<UUID>"]}].',
      },
    );
    return [];
  }
  if (value.length === 0) {
    reading.complain(
      "PREDICATE_INVALID",
      path,
      "The list of conditions is empty, so it filters nothing.",
      {
        help: 'Give a condition, such as {"field":"mediaType","operator":"in","values":["voice"]}, or leave the list out and say "divisions":["self"].',
      },
    );
  }
  if (value.length > predicatesMax)
    reading.complain(
      "PREDICATE_INVALID",
      path,
      `There are ${value.length} conditions, and at most ${predicatesMax} are possible for one event type.`,
    );
  return value.slice(0, predicatesMax).flatMap((item, index) => {
    const predicate = readPredicate(reading, item, [...path, index], paths);
    return predicate === undefined ? [] : [predicate];
  });
}

function readPredicate(
  reading: Reading,
  value: unknown,
  path: Path,
  paths: JsonPaths | undefined,
): Predicate | undefined {
  if (!isObject(value)) {
    reading.complain(
      "PREDICATE_INVALID",
      path,
      `A condition is an object, and here stands ${kindOf(value)}.`,
    );
    return undefined;
  }
  const meant = refuseUnknown(reading, value, path, {
    noun: "a condition",
    known: ["field", "operator", "values"],
    meant: fieldHabits,
    isQuery: false,
  });
  for (const name of ["field", "operator"])
    if (!Object.hasOwn(value, name) && !meant.has(name))
      reading.complain("FIELD_MISSING", path, `The condition has no ${name}.`, {
        isAbsent: true,
        help: 'Write {"field":"mediaType","operator":"in","values":["voice"]}.',
      });
  const field = Object.hasOwn(value, "field")
    ? readField(reading, value["field"], [...path, "field"], paths)
    : undefined;
  const operator = Object.hasOwn(value, "operator")
    ? readOperator(reading, value["operator"], [...path, "operator"])
    : undefined;
  if (operator === undefined) return undefined;
  const values = readValues(reading, value, path, {
    field,
    operator,
    isMeant: meant.has("values"),
  });
  return field === undefined || values === undefined ? undefined : { field, operator, values };
}

function readField(
  reading: Reading,
  value: unknown,
  path: Path,
  paths: JsonPaths | undefined,
): PredicateField | undefined {
  if (typeof value !== "string") {
    reading.complain(
      "PREDICATE_INVALID",
      path,
      `The field of a condition is a name, and here stands ${kindOf(value)}.`,
    );
    return undefined;
  }
  if (isNamedField(value)) return value;
  if (isPath(value)) {
    const why =
      value.length > pathCharactersMax
        ? `it has more than ${pathCharactersMax} characters`
        : paths?.whyNone(value);
    if (why === undefined) {
      if (paths === undefined)
        reading.notice(
          "PATH_UNCHECKED",
          path,
          `Whether ${quoted(value)} is a JSON path is looked at by the relay.`,
        );
      return value;
    }
    reading.complain(
      "PREDICATE_INVALID",
      path,
      `${quoted(value)} cannot be used as a JSON path: ${why}.`,
      {
        help: "Write a path of RFC 9535 into the event's data, such as $.participants[*].purpose.",
      },
    );
    return undefined;
  }
  const guess = reading.suggest(value, namedFields);
  reading.complain("PREDICATE_INVALID", path, `There is no field ${quoted(value)}.`, {
    help:
      guess === undefined
        ? `Possible are ${listed(namedFields)}, or a JSON path into the event's data, such as $.participants[*].purpose.`
        : `Write ${quoted(guess)}, if that is meant; a JSON path into the event's data begins with $.`,
  });
  return undefined;
}

function isPath(name: string): name is `$${string}` {
  return name.startsWith("$");
}

function readOperator(reading: Reading, value: unknown, path: Path): Operator | undefined {
  const known = operators.find((each) => each === value);
  if (known !== undefined) return known;
  const written = typeof value === "string" ? value : "";
  const guess = Object.hasOwn(operatorHabits, written)
    ? operatorHabits[written]
    : reading.suggest(written, operators);
  reading.complain(
    "PREDICATE_INVALID",
    path,
    typeof value === "string"
      ? `There is no operator ${quoted(value)}.`
      : `The operator of a condition is a name, and here stands ${kindOf(value)}.`,
    {
      help:
        guess === undefined
          ? `Possible are ${listed(operators)}.`
          : `Write ${quoted(guess)}, if that is meant.`,
    },
  );
  return undefined;
}
