/** What is known of an organisation: shelves, and the snapshot that is made of them. */
import {
  emptyOrganisation,
  type ConversationPlace,
  type Organisation,
  type OrganisationEntity,
  type OrganisationNeeds,
} from "@trunkline/events";
import type { Listing } from "./listing.ts";
import { Shelf } from "./shelf.ts";

/** How long what is gone is carried on. */
export const lingerMs = 60_000;

export class KnownOrganisation {
  readonly queues = new Shelf<OrganisationEntity>(lingerMs);
  readonly users = new Shelf<OrganisationEntity>(lingerMs);
  readonly members = new Map<string, Shelf<true>>();
  readonly conversations = new Map<string, ConversationPlace>();
  readonly #sets = new WeakMap<ReadonlyMap<string, true>, ReadonlySet<string>>();
  #last: Organisation = emptyOrganisation;

  /** Takes a list of queues or users over. */
  take(
    shelf: Shelf<OrganisationEntity>,
    listing: Listing<OrganisationEntity>,
    nowMs: number,
  ): void {
    for (const [id, entity] of listing.items) shelf.put(id, entity, isSameEntity);
    if (listing.isStable) shelf.keepOnly(listing.items, nowMs);
  }

  /** Takes the members of a queue over; `meanwhile` is what events said while they were listed. */
  takeMembers(
    queueId: string,
    listing: Listing<true>,
    meanwhile: ReadonlyMap<string, boolean>,
    nowMs: number,
  ): void {
    const shelf = this.membersOf(queueId);
    for (const id of listing.items.keys()) shelf.put(id, true);
    if (listing.isStable) shelf.keepOnly(listing.items, nowMs);
    for (const [id, joined] of meanwhile) if (joined) shelf.put(id, true);
    for (const [id, joined] of meanwhile) if (!joined) shelf.leave(id, nowMs);
  }

  membersOf(queueId: string): Shelf<true> {
    const shelf = this.members.get(queueId) ?? new Shelf<true>(lingerMs);
    this.members.set(queueId, shelf);
    return shelf;
  }

  /** How many memberships there are. */
  get memberships(): number {
    return [...this.members.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Forgets what nobody needs any more. */
  forget({ queues, users, membersOf, conversationIds }: OrganisationNeeds, nowMs: number): void {
    if (!queues) this.queues.keepOnly(new Set(), nowMs);
    if (!users) this.users.keepOnly(new Set(), nowMs);
    const wanted = new Set(membersOf);
    for (const id of this.members.keys()) if (!wanted.has(id)) this.members.delete(id);
    const watched = new Set(conversationIds);
    for (const id of this.conversations.keys()) if (!watched.has(id)) this.conversations.delete(id);
  }

  sweep(nowMs: number): void {
    for (const shelf of this.#shelves()) shelf.sweep(nowMs);
  }

  /** When something that lingers is to go next. */
  get nextMs(): number {
    return Math.min(...[...this.#shelves()].map(({ nextMs }) => nextMs));
  }

  /** The same object as before where nothing has changed. */
  snapshot(): Organisation {
    const last = this.#last;
    const members = new Map([...this.members].map(([id, { values }]) => [id, this.#setOf(values)]));
    const next = {
      queues: this.queues.values,
      users: this.users.values,
      members: isSameMap(members, last.members) ? last.members : members,
      conversations: isSameMap(this.conversations, last.conversations)
        ? last.conversations
        : new Map(this.conversations),
    };
    const isSame =
      next.queues === last.queues &&
      next.users === last.users &&
      next.members === last.members &&
      next.conversations === last.conversations;
    if (!isSame) this.#last = next;
    return this.#last;
  }

  *#shelves(): Iterable<Shelf<unknown>> {
    yield this.queues;
    yield this.users;
    yield* this.members.values();
  }

  #setOf(values: ReadonlyMap<string, true>): ReadonlySet<string> {
    const set = this.#sets.get(values) ?? new Set(values.keys());
    this.#sets.set(values, set);
    return set;
  }
}

function isSameEntity(one: OrganisationEntity, other: OrganisationEntity): boolean {
  return one.name === other.name && one.divisionId === other.divisionId;
}

function isSameMap(
  one: ReadonlyMap<string, unknown>,
  other: ReadonlyMap<string, unknown>,
): boolean {
  return one.size === other.size && [...one].every(([id, value]) => other.get(id) === value);
}
