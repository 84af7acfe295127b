/** Standing subscriptions and durable consumers over HTTP, as schemas. */
import { namedFields, operators, type Subscription } from "@trunkline/events";
import { z } from "zod";
import type { PlanReply, StandingReply } from "../../gateway/standing/routes.ts";
import { count, cursor, exactly, instant } from "./exactly.ts";
import { replyNames } from "./replies.ts";
import { notice } from "./server-messages.ts";

const { name } = replyNames;

const plan = name(
  "Plan",
  exactly<PlanReply>()(
    z
      .strictObject({
        trunk: z.string(),
        isComplete: z
          .boolean()
          .describe(
            "False while parts of the organisation are not listed: costs are too low then.",
          ),
        groups: z
          .array(
            z.strictObject({
              template: z.string().describe("Of the topics, or a topic as it was named."),
              why: z.string().describe("One sentence."),
              eventTypes: z
                .array(z.string())
                .describe("What they carry; empty for what only follows the organisation."),
              topics: z.array(z.string()).describe("At most a hundred of topicCount."),
              topicCount: count,
            }),
          )
          .describe("Every topic in one group, the first that needs it."),
        topicCount: count,
        channels: z.strictObject({
          entries: count.describe("Topics of one user count as one where they are combined."),
          needed: count.describe("Channels that carry them."),
          max: count.describe("Channels that may carry topics."),
          entriesOver: count.describe("Entries for which there is no room."),
        }),
        permissions: z.array(
          z.strictObject({
            permissions: z.array(z.string()).describe("Empty where none is asked for."),
            combine: z.enum(["any", "all"]).describe("Whether one of them is enough."),
            for: z.string().describe("The topic's template, or the call, that asks for it."),
            certainty: z.enum(["official", "inferred", "unknown", "n/a"]),
          }),
        ),
        requests: z.strictObject({
          listing: z.number().describe("To list the organisation."),
          connecting: z.number().describe("To log in, and to make and fill the channels."),
          followingPerHour: z.number(),
          perMinuteMax: z.number(),
          backgroundPerMinuteMax: z.number(),
        }),
        startUpMs: z.number().describe("An estimate of the time until all topics are live."),
        unseen: z.array(z.string()).describe("What no socket shows, or not so."),
        follows: z.array(z.string()).describe("What changes later, and how it is noticed."),
      })
      .describe("What a subscription asks of Genesys Cloud by one trunk."),
  ),
);

const ids = z.array(z.string());
const canonical = name(
  "CanonicalSubscription",
  exactly<Subscription>()(
    z
      .strictObject({
        eventTypes: z.array(z.string()),
        scope: z.strictObject({
          divisions: ids,
          queueIds: ids,
          userIds: ids,
          conversationIds: ids,
        }),
        predicates: z.record(
          z.string(),
          z.array(
            z.strictObject({
              field: z.union([z.enum(namedFields), z.templateLiteral(["$", z.string()])]),
              operator: z.enum(operators),
              values: z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])),
            }),
          ),
        ),
      })
      .describe("A subscription as it was understood, in its one canonical form."),
  ),
);

const fields = {
  id: z.string(),
  connectUri: z.string().describe("For a WebSocket: where the subscription begins, or goes on."),
  streamUri: z.string().describe("For Server-Sent Events."),
  expires: instant("Null while somebody reads it.").nullable(),
  eventTypes: z.array(z.string()).describe("Canonical names."),
  plan: z.array(plan),
};

export const standing = name("StandingReply", exactly<StandingReply>()(z.strictObject(fields)));

export const made = name(
  "SubscribeReply",
  z.strictObject({
    ...fields,
    cursor: cursor.describe("Events come from after this place on."),
    notices: z.array(notice),
  }),
);

export const dryRun = name(
  "DryRunReply",
  z.strictObject({
    valid: z.literal(true),
    subscription: canonical,
    notices: z.array(notice),
    plan: z.array(plan),
  }),
);

export const removedOne = name(
  "RemovedReply",
  z.strictObject({ removed: z.string().describe("The id or name that was removed.") }),
);

export const consumers = name(
  "ConsumersReply",
  z.strictObject({
    consumers: z.array(
      z.strictObject({
        name: z.string(),
        cursor: cursor.describe("Everything up to and with this place is acknowledged."),
        behind: count.describe("Entries of the journal after it."),
        connected: z.boolean().describe("Whether somebody reads for it."),
      }),
    ),
  }),
);
