/** The strict schema of a subscription: everything that is wrong with it, at once. */
import type { Complaint, Notice } from "../complaint.ts";
import type { JsonPaths } from "../json/json-paths.ts";
import type { Path } from "../json/place.ts";
import { quoted } from "../json/show-value.ts";
import type { Subscription } from "../subscription.ts";
import {
  canonicalName,
  isConcreteTopic,
  readEventTypes,
  type EventTypeList,
} from "./event-type-names.ts";
import { readFilters, wholeScope, type Filters } from "./filters.ts";
import { refuseUnknown } from "./members.ts";
import { createReading, isObject, kindOf, type Members, type Reading } from "./reading.ts";

export interface ReadingOptions {
  /** Reads JSON paths in conditions; without it they are accepted unread, and a notice says so. */
  readonly jsonPaths?: JsonPaths | undefined;
}

/** What was read, or everything that is wrong with it: at least one complaint, at most a hundred. */
export type SubscriptionReading =
  | {
      readonly subscription: Subscription;
      /** The cursor to go on after. */
      readonly since: string | undefined;
      readonly notices: readonly Notice[];
      readonly complaints?: never;
    }
  | { readonly complaints: readonly Complaint[]; readonly subscription?: never };

/** A subscription with where to begin. */
export interface SubscriptionRequest {
  readonly subscription: Subscription;
  readonly since: string | undefined;
}

/**
 * Reads the body of `POST /api/v2/analytics/events`: `{eventTypes, filters, since?}`, or
 * `{interval: "realtime", metricIds}`. It never throws.
 * @param source a string is read as JSON; anything else is taken as parsed, and has no lines
 */
export function readSubscription(
  source: unknown,
  options: ReadingOptions = {},
): SubscriptionReading {
  const reading = createReading(source);
  const request = isObject(reading.value)
    ? readRequest(reading, reading.value, { ...options, also: [] })
    : refuseKind(reading, "A subscription");
  const complaints = reading.complaints();
  if (complaints.length > 0 || request === undefined) return { complaints };
  return { ...request, notices: reading.notices() };
}

/** Complains that no object was sent, unless that has been said already. */
export function refuseKind(reading: Reading, noun: string): undefined {
  const { value } = reading;
  if (value === undefined && reading.complaints().length > 0) return;
  const isTwice = typeof value === "string" && /^\s*[{[]/u.test(value);
  reading.complain(
    "FIELD_INVALID",
    [],
    isTwice
      ? `The text is a string that holds JSON: it was encoded twice.`
      : `${noun} is an object, and here stands ${kindOf(value)}.`,
    {
      help: isTwice
        ? "Encode it once: give the object to JSON.stringify (or its like), not its result."
        : 'Send {"eventTypes":[…],"filters":{…}}.',
    },
  );
}

interface RequestRules extends ReadingOptions {
  /** Fields that this message has besides. */
  readonly also: readonly string[];
}

const habits: Readonly<Record<string, string>> = {
  filter: "filters",
  event_types: "eventTypes",
  eventType: "eventTypes",
  events: "eventTypes",
  types: "eventTypes",
  topics: "eventTypes",
  subscribedEventTypes: "eventTypes",
  metricId: "metricIds",
  metric_ids: "metricIds",
  lastEventId: "since",
  sequence: "since",
  resume: "since",
  cursor: "since",
  offset: "since",
  from: "since",
};

/** What it returns is of use only where no complaints were made. */
export function readRequest(
  reading: Reading,
  body: Members,
  { jsonPaths, also }: RequestRules,
): SubscriptionRequest {
  const hasMetrics = Object.hasOwn(body, "metricIds");
  const meant = refuseUnknown(reading, body, [], {
    noun: "a subscription",
    known: [
      ...also,
      "eventTypes",
      "filters",
      "since",
      ...(hasMetrics ? ["metricIds", "interval"] : []),
    ],
    meant: habits,
  });
  const types = hasMetrics ? readMetrics(reading, body) : readTypes(reading, body, meant);
  const since = readSince(reading, body);
  const filters = readFiltersOf(reading, body, {
    types,
    hasMetrics,
    name: nameIn(body, "filters", meant),
    jsonPaths,
  });
  return { subscription: { eventTypes: [...types.paths.keys()].toSorted(), ...filters }, since };
}

function readTypes(
  reading: Reading,
  body: Members,
  meant: ReadonlyMap<string, string>,
): EventTypeList {
  const name = nameIn(body, "eventTypes", meant);
  if (name !== undefined) return readEventTypes(reading, body[name], [name]);
  reading.complain(
    "FIELD_MISSING",
    [],
    "eventTypes is missing: nothing says which events are wanted.",
    {
      help: 'Add it as an array of names: "eventTypes":["conversation:updated"].',
      isAbsent: true,
    },
  );
  return noTypes;
}

const noTypes: EventTypeList = { paths: new Map(), isWhole: false };

/** The name under which a field stands, its own or one that was refused: what is in it is told at once, too. */
export function nameIn(
  body: Members,
  name: string,
  meant: ReadonlyMap<string, string>,
): string | undefined {
  return Object.hasOwn(body, name) ? name : meant.get(name);
}

interface FilterRules extends ReadingOptions {
  readonly types: EventTypeList;
  readonly hasMetrics: boolean;
  /** The name under which they stand; undefined where they are missing. */
  readonly name: string | undefined;
}

function readFiltersOf(
  reading: Reading,
  body: Members,
  { types, hasMetrics, name, jsonPaths }: FilterRules,
): Filters {
  if (name !== undefined) return readFilters(reading, body[name], [name], types, jsonPaths);
  const { paths, isWhole } = types;
  const needsNone = isWhole && paths.size > 0 && [...paths.keys()].every(isConcreteTopic);
  if (needsNone) return { scope: { ...wholeScope, divisions: [] }, predicates: {} };
  if (hasMetrics)
    reading.notice(
      "SCOPE_IMPLIED",
      [],
      "Without filters metricIds means all that the relay's credential sees.",
    );
  else
    reading.complain(
      "FILTERS_MISSING",
      [],
      "filters is missing: it would mean every event of the organisation.",
      { isAbsent: true },
    );
  return { scope: wholeScope, predicates: {} };
}

/** Event types that `metricIds` may name. */
const metricNames = ["conversation.summary"];

/** `{interval: "realtime", metricIds: [...]}`, the form of a call that programs expect of the SDK. */
function readMetrics(reading: Reading, body: Members): EventTypeList {
  if (Object.hasOwn(body, "eventTypes"))
    reading.complain(
      "FIELD_INVALID",
      ["metricIds"],
      "metricIds stands beside eventTypes, and either says alone what is wanted.",
      {
        help: "Leave metricIds out, and name its event types in eventTypes.",
        atName: true,
      },
    );
  const interval = body["interval"];
  if (interval !== undefined && interval !== "realtime")
    reading.complain(
      "INTERVAL_UNKNOWN",
      ["interval"],
      `The interval is ${typeof interval === "string" ? quoted(interval) : kindOf(interval)}, and for a stream of events only "realtime" is possible.`,
    );
  const metrics = body["metricIds"];
  if (!Array.isArray(metrics) || metrics.length === 0) {
    reading.complain(
      "METRIC_UNKNOWN",
      ["metricIds"],
      `metricIds is ${kindOf(metrics)}, and must be an array of names that is not empty.`,
      { help: `Write "metricIds":["${metricNames[0] ?? ""}"].` },
    );
    return noTypes;
  }
  for (const [index, metric] of metrics.entries())
    refuseMetric(reading, metric, ["metricIds", index]);
  const known = new Set(metrics.filter((metric) => metricNames.includes(metric as string)));
  return readEventTypes(reading, known.size === 0 ? metricNames : [...known], ["metricIds"]);
}

function refuseMetric(reading: Reading, metric: unknown, path: Path): void {
  if (typeof metric === "string" && metricNames.includes(metric)) return;
  if (typeof metric !== "string") {
    reading.complain("METRIC_UNKNOWN", path, `Here stands ${kindOf(metric)}, no name of a metric.`);
    return;
  }
  const guess = reading.suggest(metric, metricNames);
  const help =
    canonicalName(metric) === undefined
      ? undefined
      : `${quoted(metric)} is an event type: subscribe to it by eventTypes.`;
  reading.complain(
    "METRIC_UNKNOWN",
    path,
    `There is no metric ${quoted(metric)} to subscribe to.`,
    {
      help: help ?? (guess === undefined ? undefined : `Write ${quoted(guess)}, if that is meant.`),
    },
  );
}

/** A journal and a position in it; `0` is the beginning of any. */
const cursor = /^(?:0|\w{1,64}-\d{1,15})$/u;

function readSince(reading: Reading, body: Members): string | undefined {
  if (!Object.hasOwn(body, "since")) return undefined;
  return readCursor(reading, body["since"], ["since"]);
}

/** A cursor by its form; whether its journal is the one that is asked, its server knows. */
export function readCursor(reading: Reading, value: unknown, path: Path): string | undefined {
  if (typeof value !== "string") {
    reading.complain(
      "CURSOR_INVALID",
      path,
      `A cursor is a string, and here stands ${kindOf(value)}.`,
    );
    return undefined;
  }
  if (cursor.test(value)) return value;
  reading.complain(
    "CURSOR_INVALID",
    path,
    value === "" ? "The cursor is empty." : "This is no cursor.",
    {
      help: "Use the cursor of an event or gap as it was sent; to begin with what comes from now on, leave it out.",
    },
  );
  return undefined;
}
