/** The form of a scenario: what reads it, and what its JSON Schema is made of. */
import * as z from "zod";
import { rateMax, sizeMax, speedMax } from "../cloud/options.ts";
import { settingsSchema } from "../cloud/setting-schema.ts";
import { tokenLifeSecondsMax, tokenLifeSecondsMin } from "../cloud/tokens.ts";
import { faultDescriptions, faultNames, faultSchemas } from "../server/fault-schema.ts";
import type { FaultName } from "../cloud/faults.ts";
import { durationPattern, parseDuration } from "./duration.ts";

export const timelineItemsMax = 10_000;

const durationError = { error: "expected a duration such as 500ms, 10s, 2m or 1h" };
const duration = z
  .string(durationError)
  .regex(new RegExp(durationPattern, "u"), durationError)
  .refine((text) => parseDuration(text) !== undefined, durationError);

const whole = (minimum: number, maximum: number): z.ZodNumber => {
  const error = `expected a whole number from ${minimum} to ${maximum}`;
  return z.number({ error }).int({ error }).min(minimum, { error }).max(maximum, { error });
};
const range = (minimum: number, maximum: number): z.ZodNumber => {
  const error = `expected a number from ${minimum} to ${maximum}`;
  return z.number({ error }).min(minimum, { error }).max(maximum, { error });
};
const words = <const Words extends readonly [string, ...string[]]>(
  ...all: Words
): z.ZodEnum<{ [Word in Words[number]]: Word }> =>
  z.enum(all, { error: `expected ${all.join(" or ")}` });
const text = z.string({ error: "expected a string" });

const permissions = z.union([z.literal("all"), z.array(z.string())], {
  error: 'expected "all" or a list of permissions',
});

const client = z.strictObject(
  {
    clientId: text.min(1, { error: "expected a client id" }),
    clientSecret: text.min(1, { error: "expected a secret of your choice: never a real one" }),
    accessTokenValiditySeconds: whole(tokenLifeSecondsMin, tokenLifeSecondsMax).optional(),
    permissions: permissions.optional(),
    state: words("active", "disabled", "inactive").optional(),
    name: text.optional(),
  },
  { error: tellMap("a client: clientId, clientSecret and so on") },
);

/** What stands at the head of a scenario. */
export const headShape = {
  name: text.describe("What it is called; the name of the file unless given.").optional(),
  seed: whole(0, Number.MAX_SAFE_INTEGER)
    .describe("The same seed plays the same contact centre.")
    .optional(),
  rate: range(0, rateMax).describe("Mean events per second of the contact centre.").optional(),
  rhythm: words("flat", "day")
    .describe("Whether arrivals follow the hour of the day (UTC).")
    .optional(),
  speed: range(1, speedMax).describe("Seconds of the cloud in one of its clients'.").optional(),
  queues: whole(1, sizeMax).optional(),
  agents: whole(1, sizeMax).optional(),
  region: text.describe("The region that the mock plays.").optional(),
  clients: z
    .array(client, { error: "expected a list of clients" })
    .min(1, { error: "expected at least one client" })
    .describe("OAuth clients; one with a fixed id and secret unless given.")
    .optional(),
  settings: settingsSchema.describe("Settings of the model, by name.").optional(),
} as const;

/** When, of every item of a timeline. */
const timing = {
  at: duration.describe("How long after the first client.").optional(),
  every: duration.describe("Again and again, so far apart.").optional(),
  times: whole(1, 1_000_000).describe("How often in all; for ever unless given.").optional(),
};
const choice = words("newest", "oldest");

function faultItem(name: FaultName): z.ZodObject {
  const { shape } = faultSchemas[name];
  const { socketId, channelId, ...others } = shape as z.ZodRawShape;
  return z.strictObject({
    ...timing,
    ...(faultDescriptions[name].kind === "immediate"
      ? {}
      : { for: duration.describe("Ends it again after so long.").optional() }),
    ...others,
    ...(socketId === undefined
      ? {}
      : { socketId, socket: choice.describe("Instead of a socketId.").optional() }),
    ...(channelId === undefined
      ? {}
      : {
          channelId: z.string({ error: "expected a string" }).optional(),
          channel: choice.describe("Instead of a channelId.").optional(),
        }),
  });
}

/** An item of a timeline for each fault, by name. */
export const faultItems = Object.fromEntries(
  faultNames.map((name) => [name, faultItem(name)]),
) as Readonly<Record<FaultName, z.ZodObject>>;

export const publishItem = z.strictObject({
  ...timing,
  publish: z.strictObject(
    {
      topic: text,
      body: z.record(z.string(), z.unknown(), { error: "expected a map: the event body" }),
    },
    { error: tellMap("topic and body") },
  ),
});

export const clearItem = z.strictObject({
  ...timing,
  clear: z.literal(true, { error: "expected true" }).describe("Ends all standing faults."),
});

/** The whole of it but for the items, which are read one by one, each by its own schema. */
export const scenarioSchema = z.strictObject(
  {
    ...headShape,
    timeline: z
      .array(z.unknown(), { error: "expected a list of what is to happen" })
      .max(timelineItemsMax, { error: `expected at most ${timelineItemsMax} items` })
      .optional(),
  },
  { error: tellMap("a map of options and a timeline") },
);

function tellMap(what: string): (issue: z.core.$ZodRawIssue) => string | undefined {
  return (issue) => (issue.code === "invalid_type" ? `expected ${what}` : undefined);
}

/** The text of `scenario.schema.json`, for editors. */
export function scenarioJsonSchema(): string {
  const item = z.union([...faultNames.map((name) => faultItems[name]), publishItem, clearItem]);
  const whole = scenarioSchema.extend({ timeline: z.array(item).max(timelineItemsMax).optional() });
  const schema = z.toJSONSchema(whole, { io: "input", unrepresentable: "any" });
  const titled = { ...schema, title: "Scenario of @trunkline/mock" };
  return `${JSON.stringify(titled, null, 2)}\n`;
}
