/**
 * What one kind of subscription gets of the journal: an entry becomes the text of a message, or nothing. Made
 * once for all sockets that subscribe alike, so that an entry is parsed, filtered and written once for them.
 */
import {
  asksOrganisation,
  compileFilter,
  type Filter,
  type FilteredEvent,
  type Subscription,
} from "@trunkline/events";
import { cutEventBody } from "../../event-body.ts";
import type { Entry, EventEntry, GapEntry } from "../../journal/entry.ts";
import { gapSentence } from "../gap-sentence.ts";
import { jsonPaths } from "../json-paths.ts";
import { namedTopicsMax } from "../limits.ts";
import { concernsOf, type Concerns, type OrganisationOf } from "./concerns.ts";

/** Everything on which the text of a message depends. */
export interface FeedShape {
  readonly subscription: Subscription;
  /** The client's own name for it. */
  readonly id: string | undefined;
  /** Event types as they were written. */
  readonly written: readonly string[];
  /** - `events`: messages of the Event API · `genesys`: frames as they came, gaps as in `events` */
  readonly format: "events" | "genesys";
  /** Names of trunks whose entries it may see; undefined means all. */
  readonly trunks: readonly string[] | undefined;
}

export interface Feed {
  /** Equal for shapes that get the same messages. */
  readonly key: string;
  /** What is subscribed to: the same object for all of them. */
  readonly subscription: Subscription;
  /** Equal for feeds of the same subscription, whatever the client calls it. */
  readonly subject: string;
  /** Whether a topic of a trunk may carry what is subscribed to. */
  readonly concerns: Concerns;
  /** Whether that, and what is an event of the subscription, changes with what is known of the organisation. */
  readonly asksOrganisation: boolean;
  /** The message for an entry, or undefined where it is none of its business. */
  messageOf(entry: Entry): string | undefined;
}

export function keyOfShape({ subscription, id, written, format, trunks }: FeedShape): string {
  return JSON.stringify([subscription, id, written, format, trunks]);
}

/**
 * @param organisationOf what is known of each trunk's organisation, at the time
 * @param canonical the canonical name of an event type as it was written
 * @param broken hears of an entry that could not be looked at: a gap stands in its place, and all others come
 */
export function createFeed(
  shape: FeedShape,
  canonical: (written: string) => string,
  organisationOf: OrganisationOf,
  broken: (error: unknown) => void = () => undefined,
): Feed {
  const { subscription, format, trunks } = shape;
  const concerns = concernsOf(subscription, organisationOf);
  const isAsking = asksOrganisation(subscription);
  const filterOf = filtersOf(subscription, isAsking ? concerns : undefined);
  const subject = JSON.stringify(subscription);
  // Of two names for the same thing the first counts.
  const names = new Map(shape.written.toReversed().map((written) => [canonical(written), written]));
  const named = shape.id === undefined ? "" : `,"subscriptionId":${JSON.stringify(shape.id)}`;
  const isVisible = ({ trunk }: Entry): boolean => trunks === undefined || trunks.includes(trunk);
  const gapOf = (gap: GapEntry): string | undefined =>
    gapMessage(gap, { subject, concerns, asksOrganisation: isAsking }, subscription, named);
  return {
    key: keyOfShape(shape),
    subscription,
    subject,
    concerns,
    asksOrganisation: isAsking,
    messageOf: (entry) => {
      if (!isVisible(entry)) return undefined;
      if (entry.kind === "gap") return gapOf(entry);
      try {
        if (!filterOf(entry.trunk)(new Lazy(entry))) return undefined;
        if (format === "genesys") return entry.raw;
        return eventMessage(entry, nameOf(entry, subscription, names), named);
      } catch (error) {
        broken(error);
        return gapOf(unreadable(entry));
      }
    },
  };
}

/** One filter for all trunks, or one for each where their organisations decide; there are as many as the configuration has. */
function filtersOf(
  subscription: Subscription,
  planned: Concerns | undefined,
): (trunk: string) => Filter {
  if (planned === undefined) {
    const filter = compileFilter(subscription, { jsonPaths });
    return () => filter;
  }
  const filters = new Map<string, Filter>();
  return (trunk) => {
    const known = filters.get(trunk);
    if (known !== undefined) return known;
    const topics = { has: (topic: string) => planned(topic, trunk) };
    const filter = compileFilter(subscription, { jsonPaths, topics });
    filters.set(trunk, filter);
    return filter;
  };
}

/** What is told in the place of an event that could not be looked at. */
function unreadable({
  position,
  cursor,
  trunk,
  organizationId,
  topic,
  receivedAtMs,
}: EventEntry): GapEntry {
  return {
    kind: "gap",
    position,
    cursor,
    trunk,
    organizationId,
    gapId: `${cursor}-unreadable`,
    state: "closed",
    topics: [topic],
    fromMs: receivedAtMs,
    toMs: receivedAtMs,
    cause: "malformed",
    certainty: "possible",
    serverOffsetMs: undefined,
    recordedAtMs: receivedAtMs,
  };
}

/** The body is parsed only for whoever looks into it, and once for all. */
class Lazy implements FilteredEvent {
  readonly #entry: EventEntry;

  constructor(entry: EventEntry) {
    this.#entry = entry;
  }

  get topic(): string {
    return this.#entry.topic;
  }

  get types(): readonly string[] {
    return this.#entry.types;
  }

  get data(): unknown {
    return bodyOf(this.#entry);
  }
}

const bodies = new WeakMap<EventEntry, { readonly body: unknown }>();

function bodyOf(entry: EventEntry): unknown {
  const known = bodies.get(entry);
  if (known !== undefined) return known.body;
  const text = cutEventBody(entry.raw);
  const body: unknown = text === undefined ? undefined : JSON.parse(text);
  bodies.set(entry, { body });
  return body;
}

/** The first event type of the subscription that the event is. */
function nameOf(
  { types, topic }: EventEntry,
  { eventTypes }: Subscription,
  names: ReadonlyMap<string, string>,
): string {
  const type = eventTypes.find((each) => types.includes(each)) ?? topic;
  return names.get(type) ?? type;
}

function eventMessage(entry: EventEntry, name: string, named: string): string {
  const { cursor, topic, receivedAtMs, source, maybeDuplicate, raw } = entry;
  const entity = entityOf(entry);
  const place = JSON.stringify(cursor);
  return (
    `{"type":"event","cursor":${place},"id":${place}${named},"eventType":${JSON.stringify(name)}` +
    `,"topic":${JSON.stringify(topic)},"entityId":${entity === undefined ? "null" : JSON.stringify(entity)}` +
    `,"time":"${new Date(receivedAtMs).toISOString()}","source":"${source}"` +
    `${maybeDuplicate ? ',"maybeDuplicate":true' : ""},"data":${cutEventBody(raw) ?? "null"}}`
  );
}

/** A conversation by its own id, whatever queue or user the topic is about. */
function entityOf(entry: EventEntry): string | undefined {
  if (!entry.types.some((type) => type.startsWith("conversation:"))) return entry.entity;
  const body = bodyOf(entry);
  const id = typeof body === "object" && body !== null && "id" in body ? body.id : undefined;
  return typeof id === "string" ? id : entry.entity;
}

const topicsOfGaps = new WeakMap<GapEntry, Map<string, readonly string[]>>();

type GapSubject = Pick<Feed, "subject" | "concerns" | "asksOrganisation">;

/**
 * Those of a gap that concern a subscription, looked for once: a gap may have 20,000, and come to many feeds. What the
 * organisation decides may be otherwise the next time.
 */
function topicsOf(
  gap: GapEntry,
  { subject, concerns, asksOrganisation: isAsking }: GapSubject,
): readonly string[] {
  const look = (): readonly string[] => gap.topics.filter((topic) => concerns(topic, gap.trunk));
  if (isAsking) return look();
  const known = topicsOfGaps.get(gap) ?? new Map<string, readonly string[]>();
  topicsOfGaps.set(gap, known);
  let topics = known.get(subject);
  if (topics === undefined) known.set(subject, (topics = look()));
  return topics;
}

/** A gap that names no topic concerns everybody. */
function gapMessage(
  gap: GapEntry,
  about: GapSubject,
  { eventTypes }: Subscription,
  named: string,
): string | undefined {
  const topics = topicsOf(gap, about);
  if (topics.length === 0 && gap.topics.length > 0) return undefined;
  const told = JSON.stringify({
    eventTypes,
    topics: topics.slice(0, namedTopicsMax),
    topicCount: topics.length,
    from: new Date(gap.fromMs).toISOString(),
    to: gap.toMs === undefined ? null : new Date(gap.toMs).toISOString(),
    cause: gap.cause,
    certainty: gap.certainty,
    message: gapSentence(gap.cause),
    state: gap.state,
  });
  return `{"type":"gap","cursor":${JSON.stringify(gap.cursor)},"id":${JSON.stringify(gap.gapId)}${named},${told.slice(1)}`;
}
