/**
 * Follows an organisation: queues and users are listed every 5 min, members of queues once and then kept by
 * the events of `v2.routing.queues.{id}.users`, conversations that are named once and then by their own events. One
 * request at a time, all of them through the client's door, which gives them a fifth of the request budget at most. Changes are
 * gathered for 2 s and told as a new snapshot; what is gone is carried 60 s more.
 */
import type { Clock } from "@trunkline/client";
import {
  listingEveryMs,
  noNeeds,
  type Organisation,
  type OrganisationEntity,
  type OrganisationNeeds,
} from "@trunkline/events";
import { KnownOrganisation } from "./known.ts";
import {
  asObject,
  listMembers,
  listQueues,
  listUsers,
  patient,
  placeOf,
  readConversation,
  uuidOf,
  type Ask,
  type Listing,
} from "./listing.ts";
import { problem, problemOf, type FollowProblem, type OrganisationPart } from "./problems.ts";
import type { Shelf } from "./shelf.ts";

/** What is followed at most. */
export const organisationLimits = {
  queuesMax: 5_000,
  usersMax: 20_000,
  /** Of all queues together. */
  membershipsMax: 100_000,
  conversationsMax: 1_000,
  /** Queues, and users, of one conversation. */
  placesMax: 100,
} as const;

const gatherMs = 2_000;
/** After how long a queue or conversation that could not be looked up is tried again. */
const againMs = 60_000;

export interface FollowerPorts {
  readonly clock: Pick<Clock, "monotonicMs" | "sleep">;
  /** `ask` of the client. */
  readonly ask: Ask;
  /**
   * A new snapshot; at most one in 2 s. It shares with the last whatever stayed the same. Also called, with what is known
   * already, each time that all that is needed has been looked at.
   * @param sinceMs what is new in it may have been there since this instant, by the monotonic clock: since it was looked up
   *   the time before, or since it was asked for
   */
  readonly changed: (organisation: Organisation, sinceMs: number) => void;
  /** The status is another. */
  readonly told?: (status: FollowStatus) => void;
  /** Ends it. */
  readonly signal: AbortSignal;
}

export interface FollowStatus {
  /** `listing` until all that is needed was looked at once, in vain or not, and told. */
  readonly phase: "listing" | "following";
  /** What could not be followed; one for each thing at most. */
  readonly problems: readonly FollowProblem[];
}

export interface OrganisationFollower {
  readonly organisation: Organisation;
  readonly status: FollowStatus;
  /** What is to be followed from now on; what nobody needs any more is forgotten. */
  need(needs: OrganisationNeeds): void;
  /** An event, of whatever topic. Cheap where it is none that matters. */
  heard(topic: string, body: unknown): void;
  /**
   * Topics of queues' members that carry only now, or that had a gap: who is a member is asked again. To be called
   * when such a topic goes live, since nobody tells what happened before.
   */
  missed(topics: readonly string[]): void;
}

/** Starts at once; it asks for nothing until something is needed. */
export function createOrganisationFollower(ports: FollowerPorts): OrganisationFollower {
  return new Follower(ports);
}

/** What is to be looked up: `queues`, `users`, or one queue's members or conversation. */
interface Job {
  readonly part: OrganisationPart;
  readonly id: string | undefined;
}

const membersTopic = /^v2\.routing\.queues\.([^.]+)\.users$/i;
const conversationTopic = /^v2\.(?:routing\.queues|users)\.[^.]+\.conversations(?:\.|$)/i;

class Follower implements OrganisationFollower {
  readonly #ports: FollowerPorts;
  readonly #ask: Ask;
  readonly #known = new KnownOrganisation();
  /** When each job is to be done, by its name. */
  readonly #due = new Map<string, { readonly job: Job; readonly atMs: number }>();
  readonly #problems = new Map<string, FollowProblem>();
  /** Jobs that were never done yet. */
  readonly #new = new Set<string>();
  /** What events say of a queue whose members are being listed. */
  #listing: { readonly queueId: string; readonly meanwhile: Map<string, boolean> } | undefined;
  #needs: OrganisationNeeds = noNeeds;
  #told: Organisation;
  #isGathering = false;
  /** Whether all that is needed was told, be it nothing. */
  #isWhole = false;
  /** Whether something was asked for whose answer, be it nothing, is still to be told. */
  #isOwing = false;
  #wake = new AbortController();
  /** When each job was asked for, or last begun that was done: what it finds now was not there then. */
  readonly #begun = new Map<string, number>();
  /** The earliest of them since the last snapshot was told. */
  #sinceMs = Number.POSITIVE_INFINITY;

  constructor(ports: FollowerPorts) {
    this.#ports = ports;
    this.#ask = patient(ports.ask, ports.clock, ports.signal);
    this.#told = this.#known.snapshot();
    void this.#run();
  }

  get organisation(): Organisation {
    return this.#told;
  }

  get status(): FollowStatus {
    return {
      phase: this.#isOwing ? "listing" : "following",
      problems: [...this.#problems.values()],
    };
  }

  need(needs: OrganisationNeeds): void {
    const { conversationsMax } = organisationLimits;
    const conversationIds = needs.conversationIds.slice(0, conversationsMax);
    this.#needs = { ...needs, conversationIds };
    const jobs: readonly Job[] = [
      ...(needs.queues ? [{ part: "queues", id: undefined } as const] : []),
      ...(needs.users ? [{ part: "users", id: undefined } as const] : []),
      ...conversationIds.map((id) => ({ part: "conversations", id }) as const),
      ...needs.membersOf.map((id) => ({ part: "members", id }) as const),
    ];
    const names = new Set(jobs.map(nameOf));
    for (const map of [this.#due, this.#problems])
      for (const name of map.keys()) if (!names.has(name)) map.delete(name);
    for (const name of this.#new) if (!names.has(name)) this.#new.delete(name);
    for (const name of this.#begun.keys()) if (!names.has(name)) this.#begun.delete(name);
    for (const job of jobs) if (!this.#isKnown(job)) this.#put(job, this.#nowMs, true);
    this.#judgeConversations(needs.conversationIds.length);
    this.#known.forget(this.#needs, this.#nowMs);
    this.#wake.abort();
    this.#tell();
    this.#gather();
  }

  heard(topic: string, body: unknown): void {
    const { membersOf, conversationIds } = this.#needs;
    if (membersOf.length > 0) {
      const queueId = uuidOf(membersTopic.exec(topic)?.[1]);
      if (queueId !== undefined && membersOf.includes(queueId)) return this.#joined(queueId, body);
    }
    if (conversationIds.length === 0 || !conversationTopic.test(topic)) return;
    const id = uuidOf(asObject(body)?.["id"]);
    if (id !== undefined && conversationIds.includes(id)) this.#place(id, body);
  }

  missed(topics: readonly string[]): void {
    for (const topic of topics) {
      const id = uuidOf(membersTopic.exec(topic)?.[1]);
      if (id !== undefined && this.#needs.membersOf.includes(id))
        this.#put({ part: "members", id }, this.#nowMs, false);
    }
  }

  get #nowMs(): number {
    return this.#ports.clock.monotonicMs();
  }

  #isKnown(job: Job): boolean {
    const name = nameOf(job);
    if (this.#due.has(name) || this.#problems.has(name)) return true;
    if (job.part === "members") return this.#known.members.has(job.id ?? "");
    return job.part === "conversations" && this.#known.conversations.has(job.id ?? "");
  }

  #put(job: Job, atMs: number, isNew: boolean): void {
    const name = nameOf(job);
    this.#due.set(name, { job, atMs });
    if (isNew) {
      this.#new.add(name);
      this.#begun.set(name, this.#nowMs);
      this.#isOwing = true;
    }
    this.#wake.abort();
  }

  async #run(): Promise<void> {
    const { clock, signal } = this.#ports;
    while (!signal.aborted) {
      this.#wake = new AbortController();
      const next = this.#nextJob();
      const sweepMs = this.#known.nextMs;
      const nowMs = this.#nowMs;
      if (sweepMs <= nowMs) {
        this.#known.sweep(nowMs);
        this.#gather();
      } else if (next !== undefined && next.atMs <= nowMs) {
        await this.#do(next.job);
      } else {
        const untilMs = Math.min(sweepMs, next?.atMs ?? Number.POSITIVE_INFINITY);
        const either = AbortSignal.any([signal, this.#wake.signal]);
        await clock.sleep(Math.min(untilMs - nowMs, listingEveryMs), either);
      }
    }
  }

  /** The one that has waited longest; lists before single things that come at the same time. */
  #nextJob(): { readonly job: Job; readonly atMs: number } | undefined {
    let next: { readonly job: Job; readonly atMs: number } | undefined;
    for (const due of this.#due.values())
      if (next === undefined || due.atMs < next.atMs) next = due;
    return next;
  }

  async #do(job: Job): Promise<void> {
    const name = nameOf(job);
    const due = this.#due.get(name);
    const startMs = this.#nowMs;
    let told: FollowProblem | undefined;
    try {
      told = await this.#look(job);
    } catch (error) {
      if (this.#ports.signal.aborted) return;
      told = problemOf(error, job.part, job.id);
    }
    // Somebody may have asked for it again meanwhile, or for it no more.
    if (this.#due.get(name) !== due) return;
    this.#due.delete(name);
    this.#new.delete(name);
    this.#newSince(this.#begun.get(name) ?? startMs);
    if (told === undefined || told.code === "LISTING_TOO_LARGE") this.#begun.set(name, startMs);
    if (told === undefined) this.#problems.delete(name);
    else this.#problems.set(name, told);
    if (job.id === undefined) this.#put(job, startMs + listingEveryMs, false);
    else if (told !== undefined && told.code !== "LISTING_TOO_LARGE")
      this.#put(job, this.#nowMs + (mayHeal(told) ? againMs : listingEveryMs), false);
    this.#tell();
    this.#gather();
  }

  async #look({ part, id = "" }: Job): Promise<FollowProblem | undefined> {
    const { queuesMax, usersMax } = organisationLimits;
    const known = this.#known;
    if (part === "queues")
      return this.#take(part, known.queues, await listQueues(this.#ask, queuesMax), queuesMax);
    if (part === "users")
      return this.#take(part, known.users, await listUsers(this.#ask, usersMax), usersMax);
    if (part === "members") return this.#lookAtMembers(id);
    const place = await readConversation(this.#ask, id);
    if (this.#needs.conversationIds.includes(id)) this.#widen(id, place.queueIds, place.userIds);
    return undefined;
  }

  #take(
    part: "queues" | "users",
    shelf: Shelf<OrganisationEntity>,
    listing: Listing<OrganisationEntity>,
    max: number,
  ): FollowProblem | undefined {
    if (!this.#needs[part]) return undefined;
    this.#known.take(shelf, listing, this.#nowMs);
    if (!listing.isCut) return undefined;
    return problem("LISTING_TOO_LARGE", part, undefined, tooMany(part, max));
  }

  async #lookAtMembers(queueId: string): Promise<FollowProblem | undefined> {
    const { membershipsMax } = organisationLimits;
    const own = this.#known.members.get(queueId)?.size ?? 0;
    const room = membershipsMax - this.#known.memberships + own;
    if (room <= 0)
      return problem("LISTING_TOO_LARGE", "members", queueId, tooMany("members", membershipsMax));
    const meanwhile = new Map<string, boolean>();
    this.#listing = { queueId, meanwhile };
    try {
      const listing = await listMembers(this.#ask, queueId, room);
      if (!this.#needs.membersOf.includes(queueId)) return undefined;
      this.#known.takeMembers(queueId, listing, meanwhile, this.#nowMs);
      if (!listing.isCut) return undefined;
      return problem("LISTING_TOO_LARGE", "members", queueId, tooMany("members", membershipsMax));
    } finally {
      this.#listing = undefined;
    }
  }

  /** That `joined` means membership is our reading: the body's fields are documented, not their sense. */
  #joined(queueId: string, body: unknown): void {
    const fields = asObject(body);
    const userId = uuidOf(asObject(fields?.["user"])?.["id"]) ?? uuidOf(fields?.["id"]);
    const joined = fields?.["joined"];
    if (userId === undefined || typeof joined !== "boolean") return;
    if (this.#listing?.queueId === queueId) this.#listing.meanwhile.set(userId, joined);
    const shelf = this.#known.membersOf(queueId);
    if (!joined) {
      shelf.leave(userId, this.#nowMs);
      this.#wake.abort();
    } else if (this.#known.memberships < organisationLimits.membershipsMax) {
      shelf.put(userId, true);
      this.#newSince(this.#nowMs);
      this.#gather();
    }
  }

  #place(id: string, body: unknown): void {
    const place = placeOf(body);
    if (place !== undefined) this.#widen(id, place.queueIds, place.userIds);
  }

  /** Whoever took part once stays: events of the end come to them, too. */
  #widen(id: string, queueIds: readonly string[], userIds: readonly string[]): void {
    const before = this.#known.conversations.get(id) ?? { queueIds: [], userIds: [] };
    const { placesMax } = organisationLimits;
    const union = (one: readonly string[], other: readonly string[]): readonly string[] =>
      [...new Set([...one, ...other])].slice(0, placesMax);
    const next = {
      queueIds: union(before.queueIds, queueIds),
      userIds: union(before.userIds, userIds),
    };
    const isSame =
      next.queueIds.length === before.queueIds.length &&
      next.userIds.length === before.userIds.length &&
      this.#known.conversations.has(id);
    if (isSame) return;
    this.#known.conversations.set(id, next);
    this.#newSince(this.#nowMs);
    this.#gather();
  }

  #newSince(atMs: number): void {
    this.#sinceMs = Math.min(this.#sinceMs, atMs);
  }

  #judgeConversations(count: number): void {
    const { conversationsMax } = organisationLimits;
    const name = nameOf({ part: "conversations", id: undefined });
    if (count <= conversationsMax) return;
    const message = tooMany("conversations", conversationsMax);
    this.#problems.set(name, problem("LISTING_TOO_LARGE", "conversations", undefined, message));
  }

  #tell(): void {
    this.#ports.told?.(this.status);
  }

  #gather(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    const { clock, signal } = this.#ports;
    void clock.sleep(gatherMs, signal).then(() => {
      this.#isGathering = false;
      if (signal.aborted) return;
      const snapshot = this.#known.snapshot();
      const isFirst = (!this.#isWhole || this.#isOwing) && this.#new.size === 0;
      this.#isWhole = this.#new.size === 0;
      // Whoever is told takes it over at once: from then on what is carried says what is missing.
      if (isFirst) this.#isOwing = false;
      // What was looked up and found as it was is no longer in doubt, either.
      const sinceMs = Math.min(this.#sinceMs, this.#nowMs);
      this.#sinceMs = Number.POSITIVE_INFINITY;
      if (snapshot !== this.#told || isFirst) {
        this.#told = snapshot;
        this.#ports.changed(snapshot, sinceMs);
      }
      if (isFirst) this.#tell();
    });
  }
}

function nameOf({ part, id = "" }: Job): string {
  return `${part} ${id}`;
}

function mayHeal({ code }: FollowProblem): boolean {
  return code === "LISTING_FAILED" || code === "LISTING_MALFORMED";
}

function tooMany(part: OrganisationPart, max: number): string {
  return `There are more ${part} than ${max}; the others are not followed.`;
}
