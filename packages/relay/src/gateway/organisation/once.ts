/** Lists what is needed of an organisation once, for whoever only wants to know what it would cost. */
import { isTrunklineError, type Clock, type ErrorCode } from "@trunkline/client";
import type {
  ConversationPlace,
  Organisation,
  OrganisationEntity,
  OrganisationNeeds,
} from "@trunkline/events";
import { organisationLimits } from "./follower.ts";
import {
  listMembers,
  listQueues,
  listUsers,
  patient,
  readConversation,
  type Ask,
  type Listing,
} from "./listing.ts";
import { problemOf, type FollowProblem, type OrganisationPart } from "./problems.ts";

/** An organisation as it is now, and what of it could not be listed. */
export interface ListedOrganisation {
  readonly organisation: Organisation;
  readonly problems: readonly FollowProblem[];
}

/** Without a token, or a way to the service, no other question would be answered. */
const hopeless: ReadonlySet<ErrorCode> = new Set([
  "CREDENTIALS_REFUSED",
  "TOKEN_REFUSED",
  "TOKEN_PROVIDER_FAILED",
  "UNREACHABLE",
  "TLS_UNTRUSTED",
  "CLOSED",
] as const);

/**
 * Asks for all that is needed, one request after the other, each tried again where that may help.
 * @param ask `ask` of a client
 * @throws TrunklineError where nothing can be asked at all; the signal's reason when it aborts
 */
export async function listOrganisation(
  ask: Ask,
  needs: OrganisationNeeds,
  { clock, signal }: { readonly clock: Pick<Clock, "sleep">; readonly signal: AbortSignal },
): Promise<ListedOrganisation> {
  // Somebody waits for it: what has no answer at all is told at once.
  const door = patient(ask, clock, signal, ({ status, retry }) => {
    return status !== undefined && retry !== "never";
  });
  const problems: FollowProblem[] = [];
  const attempt = async <T>(
    part: OrganisationPart,
    id: string | undefined,
    look: () => Promise<T>,
  ): Promise<T | undefined> => {
    try {
      return await look();
    } catch (error) {
      signal.throwIfAborted();
      if (isTrunklineError(error) && hopeless.has(error.code)) throw error;
      problems.push(problemOf(error, part, id));
      return undefined;
    }
  };
  const { queuesMax, usersMax, membershipsMax } = organisationLimits;
  const queues =
    needs.queues && (await attempt("queues", undefined, () => listQueues(door, queuesMax)));
  const users = needs.users && (await attempt("users", undefined, () => listUsers(door, usersMax)));
  const members = new Map<string, ReadonlySet<string>>();
  for (const id of needs.membersOf) {
    const listing = await attempt("members", id, () => listMembers(door, id, membershipsMax));
    if (listing !== undefined) members.set(id, new Set(listing.items.keys()));
  }
  const conversations = new Map<string, ConversationPlace>();
  for (const id of needs.conversationIds) {
    const place = await attempt("conversations", id, () => readConversation(door, id));
    if (place !== undefined) conversations.set(id, place);
  }
  return {
    organisation: { queues: itemsOf(queues), users: itemsOf(users), members, conversations },
    problems,
  };
}

function itemsOf(
  listing: Listing<OrganisationEntity> | false | undefined,
): ReadonlyMap<string, OrganisationEntity> {
  return listing === false || listing === undefined ? new Map() : listing.items;
}
