/** What topics cost: room on channels, requests, time. */
import type { Organisation, OrganisationNeeds } from "./organisation.ts";

/** How the line is set up; each as the client's option of that name. */
export interface LineSetup {
  /** @default 300 */
  readonly requestsPerMinute?: number | undefined;
  /** @default 1 */
  readonly redundancy?: 1 | 2 | undefined;
  /** @default "users" */
  readonly combine?: "users" | "always" | "never" | undefined;
}

export interface ChannelCost {
  /** Entries on channels: topics of one user count as one where they are combined. */
  readonly entries: number;
  /** Channels that carry them. */
  readonly needed: number;
  /** Channels that may carry topics: 20 less the spare one. */
  readonly max: number;
  /** Entries for which there is no room; they are not carried. */
  readonly entriesOver: number;
}

/** 1,000 topics a channel, 20 channels an OAuth client (notifications page; documented). */
const entriesPerChannelMax = 1_000;
const channelsMax = 20;
/** One is left for replacing others. */
const channelsSpare = 1;
const combinedLengthMax = 200;
const objectOf = /^(.*\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([^.]+)$/;

export function channelCost(topics: readonly string[], setup: LineSetup = {}): ChannelCost {
  const { redundancy = 1, combine = "users" } = setup;
  const entries = countEntries(topics, combine);
  const linesMax = Math.floor((channelsMax - channelsSpare) / redundancy);
  const lines = Math.min(linesMax, Math.ceil(entries / entriesPerChannelMax));
  return {
    entries,
    needed: lines * redundancy,
    max: linesMax * redundancy,
    entriesOver: Math.max(0, entries - linesMax * entriesPerChannelMax),
  };
}

/** Entries as the client combines topics: those of one user go together, 200 characters at most. */
export function countEntries(
  topics: readonly string[],
  combine: "users" | "always" | "never",
): number {
  const lengths = new Map<string, number>();
  let entries = 0;
  for (const topic of topics) {
    const may = combine === "always" || (combine === "users" && topic.startsWith("v2.users."));
    const [, object, part = ""] = (may ? objectOf.exec(topic) : undefined) ?? [];
    const length = object === undefined ? undefined : lengths.get(object);
    const longer = (length ?? object?.length ?? 0) + 1 + part.length;
    if (length === undefined || longer > combinedLengthMax) entries++;
    if (object === undefined) continue;
    const isNew = length === undefined || longer > combinedLengthMax;
    lengths.set(object, isNew ? object.length + 1 + part.length : longer);
  }
  return entries;
}

export interface RequestCost {
  /** To list the organisation, in the background. */
  readonly listing: number;
  /** To log in, and to make and fill the channels, at most. */
  readonly connecting: number;
  /** To follow the organisation from then on, in an hour. */
  readonly followingPerHour: number;
  readonly perMinuteMax: number;
  /** Of these, what listing and following may take together. */
  readonly backgroundPerMinuteMax: number;
}

/** `pageSize` of what is listed (GENESYS.md 3.7). */
export const listingPageSize = 100;
/** How often queues and users are listed again. */
export const listingEveryMs = 300_000;
/** What listing may take of the request budget. */
export const backgroundShare = 0.2;

/** Token, organisation, channels in use, catalogue. */
const requestsToBegin = 4;
/** Make the channel, put its topics, read them back; and both again for what is listed only after that. */
const requestsPerChannel = 5;

const hourMs = 3_600_000;

export function requestCost(
  needs: OrganisationNeeds,
  organisation: Organisation,
  channels: number,
  { requestsPerMinute = 300 }: LineSetup = {},
): RequestCost {
  const lists =
    (needs.queues ? pages(organisation.queues.size) : 0) +
    (needs.users ? pages(organisation.users.size) : 0);
  const members = needs.membersOf
    .map((id) => pages(organisation.members.get(id)?.size ?? 0))
    .reduce((sum, count) => sum + count, 0);
  return {
    // Members are asked for twice: to begin with, and again when the topic that tells their changes is live.
    listing: lists + 2 * members + needs.conversationIds.length,
    connecting: requestsToBegin + requestsPerChannel * channels,
    followingPerHour: (lists * hourMs) / listingEveryMs,
    perMinuteMax: requestsPerMinute,
    backgroundPerMinuteMax: Math.max(1, Math.floor(requestsPerMinute * backgroundShare)),
  };
}

/** An empty list has one page, too. */
function pages(count: number): number {
  return Math.max(1, Math.ceil(count / listingPageSize));
}

/** Our estimate of one request there and back; not a figure of Genesys. */
const requestMs = 500;
/** The budget's window. */
const windowMs = 61_000;
/** Changes of topics are gathered for so long. */
const gatherMs = 2_000;

/** Our estimate of the time from the start until all topics are live, in milliseconds. */
export function startUpMs(requests: RequestCost): number {
  const { listing, connecting, perMinuteMax, backgroundPerMinuteMax } = requests;
  return (
    waitingMs(listing, backgroundPerMinuteMax) +
    waitingMs(connecting, perMinuteMax) +
    (listing + connecting) * requestMs +
    (listing > 0 ? gatherMs : 0)
  );
}

/** How long the last of so many requests waits for its turn. */
function waitingMs(count: number, perWindow: number): number {
  return Math.floor(Math.max(0, count - 1) / perWindow) * windowMs;
}
