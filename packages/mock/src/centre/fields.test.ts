import { expect, test } from "vitest";
import { centreOf, live, templated } from "../testing/centre-stage.ts";
import {
  detailFields,
  detailHead,
  detailNested,
  detailTypes,
  models,
} from "../testing/event-models.ts";

type Model = Readonly<Record<string, string>>;

/** The model of each topic, with the fields of its own kind for the flat bodies of media (GENESYS.md 7). */
const modelOf: Readonly<Record<string, Model | undefined>> = {
  "v2.routing.queues.{id}.conversations": models["conversation"],
  "v2.users.{id}.conversations": models["conversation"],
  "v2.routing.queues.{id}.users": models["queueUsers"],
  "v2.users.{id}.presence": models["presence"],
  "v2.users.{id}.routingStatus": models["routingStatus"],
  "v2.users.{id}.activity": models["activity"],
  "v2.users.{id}.outofoffice": models["outOfOffice"],
  "v2.users.{id}.station": models["station"],
  "v2.users.{id}.conversationsummary": models["summary"],
  "v2.users.{id}.conversations.inbound.typing.event": models["typing"],
  "v2.analytics.queues.{id}.observations": models["observations"],
  "v2.analytics.users.{id}.aggregates": models["observations"],
  "v2.analytics.queues.{id}.activity": models["queueActivity"],
  "v2.conversations.{id}.transcription": models["transcription"],
  "v2.speechandtextanalytics.conversation.{id}.sentiment": models["sentiment"],
  "v2.detail.events.agent.{id}.state": models["agentState"],
  ...Object.fromEntries(
    ["Call", "Callback", "Chat", "Email", "Message"].flatMap((kind) => {
      const topic = `conversations.${kind.toLowerCase()}s`;
      const model = kind === "Call" ? models["calls"] : mediaModel(kind);
      return [
        [`v2.routing.queues.{id}.${topic}`, model],
        [`v2.users.{id}.${topic}`, model],
      ];
    }),
  ),
  ...Object.fromEntries(
    Object.entries(detailFields).map(([name, fields]) => [
      `v2.detail.events.conversation.{id}.${name}`,
      {
        root: `${detailHead} ${fields}`
          .split(" ")
          .map((field) => `${field}:${detailTypes[field] ?? "missing"}`)
          .join(" "),
        ...detailNested,
      },
    ]),
  ),
};

/** Only the flat model of calls is on record: the others share its fields, less those of telephony, with their own. */
function mediaModel(kind: string): Model {
  const { calls, conversation } = models;
  const own = conversation?.[kind] ?? "";
  const shared = (calls?.["CallMediaParticipant"] ?? "")
    .split(" ")
    .filter(
      (field) =>
        !/^(?:muted|confined|recording\w*|securePause|ani|dnis|fax\w*|barged\w*)/u.test(field),
    );
  return { ...conversation, ...calls, CallMediaParticipant: `${shared.join(" ")} ${own}` };
}

const parsed = new Map<string, ReadonlyMap<string, string>>();

function typesOf(fields: string): ReadonlyMap<string, string> {
  const known = parsed.get(fields);
  if (known !== undefined) return known;
  const types = new Map(
    fields.split(/ (?![^{]*\})/u).map((field): [string, string] => {
      const at = field.indexOf(":");
      return [field.slice(0, at), field.slice(at + 1)];
    }),
  );
  parsed.set(fields, types);
  return types;
}

/** What is wrong with a value, in words; undefined when nothing is. */
function wrong(value: unknown, type: string, model: Model, path: string): string | undefined {
  if (type.endsWith("[]")) {
    if (!Array.isArray(value)) return `${path} is no list`;
    for (const item of value as unknown[]) {
      const found = wrong(item, type.slice(0, -2), model, path);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const values = /^string\{(.*)\}$/u.exec(type)?.[1]?.split("|");
  if (values !== undefined) {
    const isOpen = values.some((one) => one.startsWith("…"));
    const holds = typeof value === "string" && (isOpen || values.includes(value));
    return holds ? undefined : `${path}: ${JSON.stringify(value)} is none of ${type}`;
  }
  const fields = model[type];
  if (fields !== undefined) return wrongFields(value, fields, model, path);
  return isOf(value, type) ? undefined : `${path}: ${JSON.stringify(value)} is no ${type}`;
}

function isOf(value: unknown, type: string): boolean {
  switch (type) {
    case "string":
      return typeof value === "string";
    case "bool":
      return typeof value === "boolean";
    case "int":
      return Number.isInteger(value);
    case "number":
      return typeof value === "number";
    case "datetime":
      return typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u.test(value);
    case "map<string,string>":
      return Object.values(value as object).every((each) => typeof each === "string");
    case "map<string,number>":
      return Object.values(value as object).every((each) => typeof each === "number");
    default:
      return false;
  }
}

function wrongFields(
  value: unknown,
  fields: string,
  model: Model,
  path: string,
): string | undefined {
  if (typeof value !== "object" || value === null) return `${path} is no object`;
  const types = typesOf(fields);
  for (const [name, its] of Object.entries(value)) {
    const type = types.get(name);
    if (type === undefined) return `${path}.${name} is not in the model`;
    const found = wrong(its, type, model, `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

test("every body has only fields, types and values that the model of its topic knows", () => {
  const faults = new Set<string>();
  const seen = new Set<string>();
  for (const { topic, body } of live(centreOf({ rate: 5 }), 20_000)) {
    const kind = templated(topic);
    const model = modelOf[kind];
    const found = model === undefined ? "no model" : wrong(JSON.parse(body), "root", model, kind);
    if (found !== undefined) faults.add(`${kind}: ${found}`);
    seen.add(kind);
  }
  expect([...faults].slice(0, 20)).toEqual([]);
  expect(seen.size).toBeGreaterThan(36);
});

test("disconnect types are those that the service is known to use", () => {
  const known = new Set(
    "endpoint client system timeout transfer transfer.consult transfer.noanswer peer".split(" "),
  );
  const used = new Set<string>();
  const told = live(centreOf({ rate: 5 }), 15_000);
  for (const { body } of told)
    for (const [, type = ""] of body.matchAll(/"disconnectType":"([a-z.]+)"/gu)) used.add(type);
  expect([...used].filter((type) => !known.has(type))).toEqual([]);
  expect(used.size).toBeGreaterThan(6);
});
