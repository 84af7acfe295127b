/**
 * Follows the organisation for one subscription: lists what the plan needs at the start and every 5 min, and
 * learns of events who joins a queue and what is in a conversation.
 */
import { isTrunklineError, type Clock } from "@trunkline/client";
import { listingEveryMs } from "../plan/cost.ts";
import {
  emptyOrganisation,
  type Organisation,
  type OrganisationNeeds,
} from "../plan/organisation.ts";
import type { NoticeMessage } from "../server-messages.ts";
import { listOrganisation, type Ask, type Listed } from "./listing.ts";
import { isOfMembers, learned, widened } from "./places.ts";

/** After how long a listing that failed is tried again. */
const againMs = 60_000;

export interface FollowPorts {
  readonly clock: Pick<Clock, "wallMs" | "sleep">;
  readonly ask: Ask;
  readonly needs: OrganisationNeeds;
  /** @param sinceMs what is new in it may have been there since this instant, by the wall clock */
  readonly changed: (organisation: Organisation, sinceMs: number) => void;
  readonly notice: (notice: NoticeMessage) => void;
  /** Ends it. */
  readonly signal: AbortSignal;
}

export class Following {
  readonly #ports: FollowPorts;
  #organisation: Organisation = emptyOrganisation;
  /** When the last listing that was read began. */
  #listedMs: number;
  /** What the last listing could not read. */
  #missing: readonly string[] = [];
  #again = new AbortController();

  /** @param sinceMs since when the organisation is wanted */
  constructor(ports: FollowPorts, sinceMs: number) {
    this.#ports = ports;
    this.#listedMs = sinceMs;
  }

  /** Reads all that is needed once. @throws TrunklineError where trying again may help */
  async list(): Promise<Listed> {
    const { ask, needs, clock, signal, changed, notice } = this.#ports;
    const before = this.#organisation;
    const beganMs = clock.wallMs();
    const listed = await listOrganisation(ask, needs, before, signal);
    this.#organisation = reconciled(before, this.#organisation, listed.organisation);
    changed(this.#organisation, this.#listedMs);
    this.#listedMs = beganMs;
    for (const each of listed.notices) if (!this.#missing.includes(each.message)) notice(each);
    this.#missing = listed.notices.map(({ message }) => message);
    return listed;
  }

  /** Lists again and again, until the signal aborts. */
  async keep(): Promise<void> {
    const { clock, signal, notice } = this.#ports;
    let waitMs = listingEveryMs;
    for (;;) {
      await clock.sleep(waitMs, AbortSignal.any([signal, this.#again.signal]));
      if (signal.aborted) return;
      this.#again = new AbortController();
      try {
        await this.list();
        waitMs = listingEveryMs;
      } catch (error) {
        if (signal.aborted) return;
        if (!isTrunklineError(error)) throw error;
        const { message } = error;
        notice({
          type: "notice",
          code: error.code,
          message: `The organisation could not be listed: ${message}`,
          help: "It is tried again by itself; what was known before is carried on.",
        });
        waitMs = Math.max(againMs, error.retryAfterMs ?? 0);
      }
    }
  }

  /** An event, of whatever topic. */
  heard(topic: string, body: unknown, atMs: number): void {
    const after = learned(this.#organisation, this.#ports.needs, topic, body);
    if (after === this.#organisation) return;
    this.#organisation = after;
    this.#ports.changed(after, atMs);
  }

  /** Topics carry only now, or again: what they would have told of the organisation before, nobody else tells. */
  missed(topics: readonly string[]): void {
    const { membersOf, conversationIds } = this.#ports.needs;
    const isOfInterest = conversationIds.length > 0 || topics.some(isOfMembers);
    if (isOfInterest && membersOf.length + conversationIds.length > 0) this.#again.abort();
  }
}

/**
 * What a listing has found, together with what events have told while it was read: of a queue whose members have
 * changed meanwhile, rather one too many stays than one too few.
 */
export function reconciled(
  before: Organisation,
  now: Organisation,
  listed: Organisation,
): Organisation {
  const members = new Map(
    [...listed.members].map(([queueId, found]) => {
      const was = before.members.get(queueId);
      const is = now.members.get(queueId);
      if (is === undefined || is === was) return [queueId, found];
      const stayed = [...found].filter((id) => is.has(id) || was?.has(id) !== true);
      return [queueId, new Set([...is, ...stayed])];
    }),
  );
  const conversations = new Map(
    [...listed.conversations].map(([id, place]) => {
      const is = now.conversations.get(id);
      return [id, is === undefined ? place : widened(is, place)];
    }),
  );
  return { ...listed, members, conversations };
}
