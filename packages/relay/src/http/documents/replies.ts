/** What the relay answers over HTTP, as schemas: exactly the types of `http/api.ts` and of the Event API. */
import { eventApiErrors, type EventApiErrorCode } from "@trunkline/events";
import { z } from "zod";
import type { IntrospectionReply, TokenReply } from "../../gateway/access/endpoints.ts";
import type { ErrorBody } from "../../gateway/error-body.ts";
import type * as api from "../api.ts";
import { count, createNames, cursor, exactly, instant } from "./exactly.ts";
import { complaint } from "./server-messages.ts";

export const replyNames = createNames();
const { name } = replyNames;

const problemFields = {
  code: z.string().describe("Each is explained in docs/OPERATING.md."),
  message: z.string().describe("What happened, and why."),
  help: z.string().describe("What to do next."),
};
const problem = name("Problem", exactly<api.Problem>()(z.strictObject(problemFields)));
const failure = name(
  "Failure",
  exactly<api.FailureReply>()(z.strictObject({ ...problemFields, since: instant("Since when.") })),
);

export const errorReply = name(
  "ErrorReply",
  exactly<api.ErrorReply>()(
    z.strictObject({
      error: z.strictObject({
        ...problemFields,
        details: z
          .array(
            z.strictObject({
              path: z.string().describe("Where: the name of a parameter or field, as ids[2]."),
              message: z.string(),
              help: z.string().exactOptional(),
              source: z.string().describe("As trunkline.yaml:12:9.").exactOptional(),
            }),
          )
          .exactOptional(),
      }),
    }),
  ),
);

export const errorBody = name(
  "ErrorBody",
  exactly<ErrorBody>()(
    z
      .strictObject({
        code: z.enum(Object.keys(eventApiErrors) as readonly EventApiErrorCode[]),
        message: z.string().describe("What happened, and why."),
        help: z.string().describe("What to do next."),
        status: z.int().describe("Of the answer."),
        details: z.array(complaint).describe("Everything that is wrong.").exactOptional(),
        retryAfterMs: z.number().nonnegative().exactOptional(),
        contextId: z.string().describe("Stands in the relay's log, too."),
        error: z
          .enum([
            "invalid_request",
            "invalid_client",
            "invalid_scope",
            "invalid_token",
            "insufficient_scope",
            "unsupported_grant_type",
            "temporarily_unavailable",
          ])
          .describe("RFC 6749 section 5.2, RFC 6750 section 3.1.")
          .exactOptional(),
        error_description: z.string().exactOptional(),
      })
      .describe("Every refusal of the Event API; docs/EVENT-API.md explains the codes."),
  ),
);

const trunk = name(
  "Trunk",
  exactly<api.TrunkReply>()(
    z.strictObject({
      name: z.string(),
      organizationId: z.string().exactOptional(),
      state: z.enum(["starting", "live", "restoring", "failed"]),
      topics: z
        .strictObject({ live: count, pending: count, rejected: count, "over-budget": count })
        .describe("How many are in each state."),
      openGaps: count,
      received: count.describe("Events since the start."),
      error: problem.exactOptional(),
    }),
  ),
);

export const health = name(
  "HealthReply",
  exactly<api.HealthReply>()(z.strictObject({ status: z.literal("ok"), version: z.string() })),
);

export const ready = name(
  "ReadyReply",
  exactly<api.ReadyReply>()(
    z
      .strictObject({
        ready: z.boolean(),
        trunks: z.array(trunk).exactOptional(),
        journal: z.strictObject({ failure: failure.exactOptional() }).exactOptional(),
      })
      .describe("To a request without the token only ready is told."),
  ),
);

export const trunks = name(
  "TrunksReply",
  exactly<api.TrunksReply>()(z.strictObject({ trunks: z.array(trunk) })),
);

const topicState = z.enum(["live", "pending", "rejected", "over-budget"]);
export const topics = name(
  "TopicsReply",
  exactly<api.TopicsReply>()(
    z.strictObject({
      topics: z.array(
        z.strictObject({
          trunk: z.string(),
          topic: z.string(),
          state: topicState,
          reason: z.string().exactOptional(),
          missingPermissions: z.array(z.string()).exactOptional(),
        }),
      ),
      total: count.describe("How many there are, of which topics may be the first."),
    }),
  ),
);

const gapCause = z.enum([
  "cut",
  "closed",
  "silence",
  "channel-gone",
  "evicted",
  "expired",
  "token",
  "path",
  "moved",
  "protocol",
  "malformed",
  "unsubscribed",
  "overflow",
  "stopped",
  "killed",
  "retention",
]);

export const gaps = name(
  "GapsReply",
  exactly<api.GapsReply>()(
    z.strictObject({
      gaps: z
        .array(
          z.strictObject({
            cursor,
            id: z.string().describe("The same in all states of the gap."),
            trunk: z.string(),
            organizationId: z.string().exactOptional(),
            topics: z.array(z.string()),
            from: instant("Up to here everything is proven to have come."),
            to: instant("Null while the gap is open.").nullable(),
            cause: gapCause,
            certainty: z.enum(["certain", "possible", "unlikely"]),
            state: z.enum(["open", "closed", "filled", "partial", "unfillable"]),
            recordedAt: instant("When this state was recorded."),
          }),
        )
        .describe("Oldest first."),
    }),
  ),
);

export const sink = name(
  "Sink",
  exactly<api.SinkReply>()(
    z.strictObject({
      name: z.string(),
      type: z.string(),
      enabled: z.boolean(),
      state: z.enum(["opening", "live", "retrying", "halted", "stopped"]),
      cursor: cursor.describe("Everything up to and including this one is done."),
      behind: count.describe("Entries that come after it."),
      written: count,
      deadLetters: count,
      error: problem.exactOptional(),
      retryAt: instant("When it is tried again.").exactOptional(),
    }),
  ),
);
export const sinks = name(
  "SinksReply",
  exactly<api.SinksReply>()(z.strictObject({ sinks: z.array(sink) })),
);

export const check = name(
  "CheckReply",
  exactly<api.CheckReply>()(
    z.union([
      z.strictObject({ ok: z.literal(true), detail: z.string() }),
      z.strictObject({ ok: z.literal(false), error: problem }),
    ]),
  ),
);

export const deadLetters = name(
  "DeadLettersReply",
  exactly<api.DeadLettersReply>()(
    z.strictObject({
      deadLetters: z
        .array(
          z.strictObject({
            id: count.describe("To ask for those after it, to replay or to remove it."),
            at: instant("When it was refused."),
            reason: z.string(),
            entry: z
              .record(z.string(), z.unknown())
              .describe("The entry, as a line of GET /admin/entries."),
          }),
        )
        .describe("Oldest first."),
    }),
  ),
);

export const replay = name(
  "ReplayReply",
  exactly<api.ReplayReply>()(z.strictObject({ replayed: count, refused: count })),
);
export const subscribers = name(
  "SubscribersReply",
  exactly<api.SubscribersReply>()(
    z.strictObject({
      subscribers: z
        .array(
          z.strictObject({
            client: z.string().describe("Left out until it has shown a token.").exactOptional(),
            since: instant("When it came."),
            subscriptions: count,
            cursor: cursor.describe("Everything up to here has been sent.").exactOptional(),
            behind: count.describe("Entries of the journal after it."),
            lagging: count.describe("Of its subscriptions."),
            sent: count,
            received: count,
          }),
        )
        .describe("Those furthest behind first."),
      total: count.describe("How many there are, of which subscribers may be the first."),
    }),
  ),
);
export const removed = name(
  "RemoveReply",
  exactly<api.RemoveReply>()(z.strictObject({ removed: count })),
);
export const reload = name(
  "ReloadReply",
  exactly<api.ReloadReply>()(
    z.strictObject({
      changes: z.array(z.string()).describe("What is different now, in words."),
      needRestart: z.array(z.string()).describe("What differs but needs a restart."),
    }),
  ),
);

export const journal = name(
  "JournalReply",
  exactly<api.JournalReply>()(
    z.strictObject({
      id: z.string(),
      head: cursor.describe("Of the newest entry; ends in -0 while there is none."),
      oldest: cursor.describe("Of the oldest entry that is kept.").exactOptional(),
      entries: count,
      bytes: count,
      waiting: count,
      commits: count,
      stored: count,
      failure: failure.exactOptional(),
    }),
  ),
);

export const token = name(
  "TokenReply",
  exactly<TokenReply>()(
    z.strictObject({
      access_token: z.string(),
      token_type: z.literal("bearer"),
      expires_in: count.describe("Seconds."),
      scope: z.string().describe("Scopes, with spaces in between."),
    }),
  ),
);

const seconds = z.number().describe("Seconds of Unix time.");
export const introspection = name(
  "IntrospectionReply",
  exactly<IntrospectionReply>()(
    z.union([
      z.strictObject({
        active: z.literal(true),
        client_id: z.string(),
        scope: z.string(),
        exp: seconds,
        token_type: z.literal("bearer"),
        iss: z.string().exactOptional(),
        aud: z.string().exactOptional(),
        iat: seconds.exactOptional(),
        nbf: seconds.exactOptional(),
        jti: z.string().exactOptional(),
      }),
      z.strictObject({
        active: z.literal(false),
        reason: z.strictObject(problemFields).describe("Why not: more than RFC 7662 asks for."),
      }),
    ]),
  ),
);

/** RFC 7517; which members a key has depends on its kind. */
export const keys = name(
  "KeysReply",
  z.strictObject({
    keys: z.array(
      z.looseObject({
        kty: z.string(),
        kid: z.string().exactOptional(),
        alg: z.string().exactOptional(),
      }),
    ),
  }),
);
