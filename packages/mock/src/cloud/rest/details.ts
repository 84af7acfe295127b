/**
 * Details of conversations from analytics (GENESYS.md 3.7; 8, no. 11): what was known a lag ago. While pages are turned
 * time goes on, more becomes known, and `totalHits` moves.
 */
import * as z from "zod";
import type { Conversation, Participant, Session } from "../../centre/conversation.ts";
import type { World } from "../../centre/world.ts";
import { analyticsMedia } from "../../centre/media.ts";
import { refusals } from "../errors.ts";
import { done, refused, type Reply } from "../reply.ts";
import type { Exchange } from "../router.ts";
import type { Settings } from "../settings.ts";
import { analyticsConversation, divisionsOf } from "./analytics-conversation.ts";
import { intervalOf, notPlayed, orderOf, pagingOf, readBody, type Interval } from "./body.ts";
import { filtersOf, passes, type Filter } from "./filters.ts";
import { isOver, knownAt, lastChangeMs } from "./known.ts";
import { listOf } from "./listing.ts";
import type { RestPorts } from "./routes.ts";
import { segmentsOf, type Segment } from "./segments.ts";

const dayMs = 24 * 3_600_000;
/** The service's own limit is not known; the mock takes so many. */
const detailsIdsMax = 100;

const conversationDimensions = [
  "conversationId",
  "conversationStart",
  "conversationEnd",
  "divisionId",
  "originatingDirection",
] as const;
const segmentDimensions = [
  "queueId",
  "userId",
  "mediaType",
  "direction",
  "purpose",
  "participantId",
  "participantName",
  "sessionId",
  "ani",
  "dnis",
  "messageType",
  "flowId",
  "subject",
  "segmentType",
  "disconnectType",
  "wrapUpCode",
] as const;

interface DetailsQuery {
  readonly interval: Interval;
  readonly order: "asc" | "desc";
  readonly orderBy: "conversationStart" | "segmentStart" | "segmentEnd";
  readonly paging: { readonly pageSize: number; readonly pageNumber: number };
  readonly conversationFilters: readonly Filter[];
  readonly segmentFilters: readonly Filter[];
}

export type DetailsSchema = z.ZodType<DetailsQuery>;

export function detailsSchema(settings: Settings): DetailsSchema {
  return z.strictObject({
    interval: intervalOf(settings.detailsIntervalDaysMax),
    order: orderOf,
    orderBy: z
      .enum(["conversationStart", "segmentStart", "segmentEnd"], {
        error: "expected conversationStart, segmentStart or segmentEnd",
      })
      .default("conversationStart"),
    paging: pagingOf(settings.detailsPageSizeMax),
    conversationFilters: filtersOf(conversationDimensions),
    segmentFilters: filtersOf(segmentDimensions),
    evaluationFilters: notPlayed,
    surveyFilters: notPlayed,
    resolutionFilters: notPlayed,
    aggregations: notPlayed,
  });
}

export function queryDetails(schema: DetailsSchema, exchange: Exchange, ports: RestPorts): Reply {
  const body = readBody(schema, exchange.json);
  if (body.kind === "refused") return body.reply;
  const { pageSize, pageNumber } = body.value.paging;
  const found = find(body.value, exchange.nowMs - ports.settings.analyticsLagMs, ports);
  const shown = found.slice((pageNumber - 1) * pageSize, pageNumber * pageSize);
  return done(200, {
    // As the service does it: a page on which nothing stands has no list.
    ...(shown.length > 0 && {
      conversations: shown.map((conversation) => analyticsConversation(conversation, ports.world)),
    }),
    totalHits: found.length,
  });
}

/**
 * Those that touch the interval and began on a UTC day that it touches: one that began the day before is not searched,
 * though it may still run.
 */
function find(query: DetailsQuery, knownMs: number, { world, records }: RestPorts): Conversation[] {
  const { fromMs, untilMs } = query.interval;
  const firstDayMs = Math.floor(fromMs / dayMs) * dayMs;
  const found: Conversation[] = [];
  for (const conversation of records.startedBetween(firstDayMs, untilMs)) {
    const known = knownAt(conversation, knownMs);
    if (known === undefined) break;
    if (isOver(known) && lastChangeMs(known) < fromMs) continue;
    if (fits(known, query, world)) found.push(known);
  }
  const { orderBy } = query;
  if (orderBy !== "conversationStart") {
    const keys = new Map(found.map((known) => [known, segmentKey(known, orderBy)]));
    found.sort((one, other) => (keys.get(one) ?? 0) - (keys.get(other) ?? 0));
  }
  return query.order === "asc" ? found : found.toReversed();
}

/** The first start, or the last end; what has no end yet comes last. */
function segmentKey(known: Conversation, orderBy: "segmentStart" | "segmentEnd"): number {
  const segments = known.participants.flatMap((participant) =>
    participant.sessions.flatMap((session) => segmentsOf(participant, session)),
  );
  return orderBy === "segmentStart"
    ? Math.min(...segments.map((segment) => segment.startMs))
    : Math.max(...segments.map((segment) => segment.endMs ?? Number.MAX_SAFE_INTEGER));
}

function fits(known: Conversation, query: DetailsQuery, world: World): boolean {
  const { conversationFilters, segmentFilters } = query;
  return (
    conversationFilters.every((filter) =>
      passes(filter, (dimension) => conversationValue(known, dimension, world)),
    ) &&
    // One segment must pass a whole filter; two filters may be passed by two segments.
    segmentFilters.every((filter) =>
      known.participants.some((participant) =>
        participant.sessions.some((session) =>
          segmentsOf(participant, session).some((segment) =>
            passes(filter, (name) => segmentValue(known, participant, session, segment)[name]),
          ),
        ),
      ),
    )
  );
}

function conversationValue(
  known: Conversation,
  dimension: string,
  world: World,
): string | undefined {
  switch (dimension) {
    case "conversationId":
      return known.id;
    case "conversationStart":
      return new Date(known.startMs).toISOString();
    case "conversationEnd":
      return known.endMs === undefined ? undefined : new Date(known.endMs).toISOString();
    case "divisionId":
      return divisionsOf(known, world)[0];
    default:
      return known.direction;
  }
}

function segmentValue(
  known: Conversation,
  participant: Participant,
  session: Session,
  segment: Segment,
): Readonly<Record<string, string | undefined>> {
  return {
    queueId: participant.queue?.id,
    userId: participant.userId,
    mediaType: analyticsMedia[session.media],
    direction: session.direction,
    purpose: participant.purpose,
    participantId: participant.id,
    participantName: participant.name,
    sessionId: session.id,
    ani: known.ani,
    dnis: known.dnis,
    messageType: session.media === "message" ? known.messageType : undefined,
    flowId: participant.flow?.id,
    subject: known.subject,
    segmentType: segment.type,
    disconnectType: segment.disconnectType,
    wrapUpCode: segment.wrapUpCode,
  };
}

export function getDetails({ parameters, nowMs }: Exchange, ports: RestPorts): Reply {
  const [known] = knownOf(parameters, nowMs, ports);
  if (known === undefined) return refused(refusals.notFound("The conversation"));
  return done(200, analyticsConversation(known, ports.world));
}

/** Of ids that are not known, or not yet, nothing is said. */
export function listDetails({ query, nowMs }: Exchange, ports: RestPorts): Reply {
  const ids = listOf(query, "id");
  if (ids.length === 0) return refused(refusals.badRequest("id is required."));
  if (ids.length > detailsIdsMax)
    return refused(refusals.invalidValue(`id can name at most ${detailsIdsMax} conversations.`));
  const found = knownOf([...new Set(ids)], nowMs, ports);
  return done(200, {
    conversations: found.map((known) => analyticsConversation(known, ports.world)),
  });
}

function knownOf(ids: readonly string[], nowMs: number, ports: RestPorts): Conversation[] {
  const { records, settings } = ports;
  return ids.flatMap((id) => {
    const conversation = records.conversation(id);
    if (conversation === undefined) return [];
    return knownAt(conversation, nowMs - settings.analyticsLagMs) ?? [];
  });
}
