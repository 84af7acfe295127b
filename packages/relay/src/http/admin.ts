/** `/admin` but for the sinks: entries as a stream, gaps, trunks, topics, the journal, reload. */
import { z } from "zod";
import { formatLine } from "../entry-line.ts";
import { formatCursor, parseCursor } from "../journal/cursor.ts";
import type { GapEntry } from "../journal/entry.ts";
import type { Journal } from "../journal/journal.ts";
import { RelayError } from "../errors.ts";
import type { Clock } from "../ports.ts";
import type { Service } from "../service.ts";
import { matchTopics } from "../topics.ts";
import type {
  GapReply,
  GapsReply,
  JournalReply,
  ReloadReply,
  StartHeader,
  SubscriberReply,
  SubscribersReply,
  TopicReply,
  TopicsReply,
  TrunksReply,
} from "./api.ts";
import { streamEntries } from "./entry-stream.ts";
import { behindOf } from "./gateway-metrics.ts";
import { failureReply, trunkReply } from "./health.ts";
import { patternsMax } from "./limits.ts";
import { instant, json, route, type Route } from "./route.ts";

export function adminRoutes(service: Service, clock: Clock): readonly Route[] {
  return [
    entriesRoute(service.journal, clock),
    gapsRoute(service.journal),
    route({
      method: "GET",
      path: "/admin/trunks",
      query: z.strictObject({}),
      body: z.undefined(),
      answer: () => json({ trunks: service.trunks().map(trunkReply) } satisfies TrunksReply),
    }),
    topicsRoute(service),
    subscribersRoute(service, clock),
    route({
      method: "GET",
      path: "/admin/journal",
      query: z.strictObject({}),
      body: z.undefined(),
      answer: () => json(journalReply(service.journal)),
    }),
    route({
      method: "POST",
      path: "/admin/reload",
      query: z.strictObject({}),
      body: z.strictObject({}).optional(),
      answer: async () => json((await service.reload()) satisfies ReloadReply),
    }),
  ];
}

/** A number in a query, from 1 to a maximum. */
export function limit(usual: number, max: number): z.ZodType<number> {
  const message = `expected a whole number from 1 to ${max}`;
  return z
    .string()
    .regex(/^[1-9]\d{0,9}$/u, message)
    .transform(Number)
    .refine((value) => value <= max, message)
    .default(usual);
}

/** `true` or `false` in a query. */
function flag(usual: boolean): z.ZodType<boolean> {
  return z
    .enum(["true", "false"], "expected true or false")
    .transform((text) => text === "true")
    .default(usual);
}

/**
 * The position that a cursor names, in what there is.
 * @throws RelayError CURSOR_INVALID, CURSOR_FOREIGN
 */
export function parsePlace(cursor: string, journal: Journal): number {
  const position = parseCursor(cursor, journal.id);
  if (position > journal.head)
    throw new RelayError(
      "CURSOR_INVALID",
      `The cursor is beyond the newest entry, ${formatCursor(journal.id, journal.head)}.`,
    );
  return position;
}

const patternForm =
  "expected the name of a topic, in which * stands for one segment, as v2.users.*.presence";

// Topics have letters, digits, dots, dashes and underscores; combined ones "?" and "&" too.
const pattern = z
  .string()
  .max(200, patternForm)
  .regex(/^(?:v\d+|\*)(?:\.[\w*?&-]+)+$/iu, patternForm);

const startHeader: StartHeader = "trunkline-cursor";

function entriesRoute(journal: Journal, clock: Clock): Route {
  return route({
    method: "GET",
    path: "/admin/entries",
    query: z.strictObject({
      since: z.string().optional(),
      topic: z
        .preprocess(
          (given) => (typeof given === "string" ? [given] : given),
          z.array(pattern).max(patternsMax, `expected ${patternsMax} patterns at most`),
        )
        .optional(),
      follow: flag(true),
      format: z
        .enum(["json", "genesys", "frames"], "expected json, genesys or frames")
        .default("json"),
    }),
    body: z.undefined(),
    answer: ({ query }) => {
      const { follow, format } = query;
      const { head } = journal;
      const after = query.since === undefined ? head : parsePlace(query.since, journal);
      const matches = matchTopics(query.topic);
      return {
        kind: "stream",
        headers: {
          "content-type": "application/x-ndjson; charset=utf-8",
          [startHeader]: formatCursor(journal.id, after),
        },
        isFinite: !follow,
        lines: (signal) =>
          streamEntries({
            journal,
            clock,
            after,
            until: follow ? undefined : head,
            matches,
            lineOf: (entry) => formatLine(entry, format),
            signal,
          }),
      };
    },
  });
}

function gapsRoute(journal: Journal): Route {
  return route({
    method: "GET",
    path: "/admin/gaps",
    query: z.strictObject({
      open: flag(false),
      trunk: z.string().optional(),
      limit: limit(gapsUsual, gapsMax),
    }),
    body: z.undefined(),
    answer: async ({ query }) => {
      const gaps = await journal.gaps({
        limit: query.limit,
        ...(query.open ? { isOpen: true } : {}),
        ...(query.trunk === undefined ? {} : { trunk: query.trunk }),
      });
      return json({ gaps: gaps.map(gapReply) } satisfies GapsReply);
    },
  });
}

const gapsUsual = 100;
const gapsMax = 1_000;

function gapReply(gap: GapEntry): GapReply {
  const { cursor, gapId, trunk, organizationId, topics, cause, certainty, state } = gap;
  return {
    cursor,
    id: gapId,
    trunk,
    ...(organizationId === undefined ? {} : { organizationId }),
    topics,
    from: instant(gap.fromMs),
    to: gap.toMs === undefined ? null : instant(gap.toMs),
    cause,
    certainty,
    state,
    recordedAt: instant(gap.recordedAtMs),
  };
}

function topicsRoute(service: Service): Route {
  return route({
    method: "GET",
    path: "/admin/topics",
    query: z.strictObject({
      trunk: z.string().optional(),
      state: z
        .enum(
          ["live", "pending", "rejected", "over-budget"],
          "expected live, pending, rejected or over-budget",
        )
        .optional(),
      limit: limit(topicsUsual, topicsMax),
    }),
    body: z.undefined(),
    answer: ({ query }) => {
      const found = service
        .trunks()
        .filter(({ name }) => query.trunk === undefined || name === query.trunk)
        .flatMap(({ name, topics }) => topics.map((topic) => ({ ...topic, trunk: name })))
        .filter(({ state }) => query.state === undefined || state === query.state);
      const topics = found
        .slice(0, query.limit)
        .map(({ trunk, topic, state, reason, missingPermissions }): TopicReply => ({
          trunk,
          topic,
          state,
          ...(reason === undefined ? {} : { reason }),
          ...(missingPermissions.length === 0 ? {} : { missingPermissions }),
        }));
      return json({ topics, total: found.length } satisfies TopicsReply);
    },
  });
}

const topicsUsual = 1_000;
/** 20 channels of 1,000 topics each are the most that one credential can have. */
const topicsMax = 20_000;

function subscribersRoute(service: Service, clock: Clock): Route {
  return route({
    method: "GET",
    path: "/admin/subscribers",
    query: z.strictObject({ limit: limit(subscribersUsual, subscribersMax) }),
    body: z.undefined(),
    answer: ({ query }) => {
      const { journal } = service;
      const connections = (service.gateway()?.connections ?? []).toSorted(
        (a, b) => (a.position ?? journal.head) - (b.position ?? journal.head),
      );
      const subscribers = connections.slice(0, query.limit).map((connection): SubscriberReply => {
        const { clientId, ageMs, subscriptions, position, lagging, sent, received } = connection;
        return {
          ...(clientId === undefined ? {} : { client: clientId }),
          since: instant(clock.wallMs() - ageMs),
          subscriptions,
          ...(position === undefined ? {} : { cursor: formatCursor(journal.id, position) }),
          behind: behindOf(position ?? journal.head, journal.head),
          lagging,
          sent,
          received,
        };
      });
      return json({ subscribers, total: connections.length } satisfies SubscribersReply);
    },
  });
}

const subscribersUsual = 100;
const subscribersMax = 10_000;

function journalReply(journal: Journal): JournalReply {
  const { head, oldest, bytes, waiting, failure, commits, stored } = journal.status();
  return {
    id: journal.id,
    head: formatCursor(journal.id, head),
    ...(oldest > head ? {} : { oldest: formatCursor(journal.id, oldest) }),
    entries: head + 1 - oldest,
    bytes,
    waiting,
    commits,
    stored,
    ...(failure === undefined ? {} : { failure: failureReply(failure) }),
  };
}
