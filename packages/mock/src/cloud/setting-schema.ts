/** Settings by name and type, for those who write them as text: scenarios and the command line. */
import * as z from "zod";
import { mayBeZero } from "./options.ts";
import { defaultSettings, type Settings } from "./settings.ts";

type ChoiceName = {
  [Name in keyof Settings]: Settings[Name] extends string
    ? string extends Settings[Name]
      ? never
      : Name
    : never;
}[keyof Settings];

const tokenDeath = ["nothing", "closes-sockets", "kills-channels"] as const;

/** What those settings can be that are one of a few words. */
const choices: { readonly [Name in ChoiceName]: readonly Settings[Name][] } = {
  tokenFormat: ["opaque", "jwt"],
  jwtValidation: ["strict", "lenient", "off"],
  tokenExpiry: tokenDeath,
  tokenRevocation: tokenDeath,
  channelAccess: ["client", "token"],
  evictionAllConnected: ["oldest-used", "oldest-created"],
  unknownTopic: ["error", "reject", "permit"],
  ignoreErrorsTooMany: ["error", "reject"],
  systemTopicSubscription: ["error", "permit"],
  eventBridgeOnlyTopic: ["permit", "reject"],
  combinedTopicCountsAs: ["one", "many"],
  postReplyLists: ["all", "added"],
  inBandSubscribe: ["adds", "replaces"],
  correlationId: ["per-event", "per-delivery"],
  fieldOrder: ["same", "per-channel"],
  observationSampling: ["per-topic", "per-channel"],
  subscriptionUpdated: ["unasked", "subscribed", "never"],
  rateLimitCode: ["too.many.requests", "too.many.requests.retry.after"],
  announcedSocketAfterMove: ["keeps-receiving", "displaced"],
  legacy: ["off", "by-path", "000", "001", "002", "003", "004"],
};

const socketEndError = { error: 'expected "cut", "stay", or an object with code and reason' };
const socketEnd = z.union(
  [
    z.enum(["cut", "stay"]),
    z.strictObject({ code: z.number().int().min(1000).max(4999), reason: z.string() }),
  ],
  socketEndError,
);

function schemaOf(name: string, preset: unknown): z.ZodType {
  const words = (choices as Readonly<Record<string, readonly string[]>>)[name];
  if (words !== undefined) return z.enum(words, { error: `expected ${words.join(" or ")}` });
  if (name.endsWith("Socket")) return socketEnd;
  if (typeof preset === "number") {
    const least = mayBeZero.has(name) ? 0 : 1;
    const error = `expected a whole number, ${least} or more`;
    return z.number({ error }).int({ error }).min(least, { error });
  }
  if (typeof preset === "boolean") return z.boolean({ error: "expected true or false" });
  if (typeof preset === "string") return z.string({ error: "expected a string" });
  if (Array.isArray(preset)) return z.array(z.string(), { error: "expected a list of strings" });
  return z.record(z.string(), z.number().int().min(1), {
    error: "expected a map of whole numbers",
  });
}

/** The schema of each setting; the number and kind of them is that of the defaults. */
export const settingSchemas = Object.fromEntries(
  Object.entries(defaultSettings).map(([name, preset]) => [
    name,
    schemaOf(name, preset).optional(),
  ]),
) as unknown as Readonly<Record<keyof Settings, z.ZodOptional>>;

/** All settings, each of which may be left out; strict. */
export const settingsSchema = z.strictObject(settingSchemas, {
  error: (issue) => (issue.code === "invalid_type" ? "expected a map of settings" : undefined),
});
