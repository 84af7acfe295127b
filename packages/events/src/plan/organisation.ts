/** What a credential sees of an organisation, as far as topics need to know it; and which part of it a subscription needs. */

/** A queue or a user. */
export interface OrganisationEntity {
  readonly id: string;
  readonly name: string | undefined;
  readonly divisionId: string | undefined;
}

/** Who takes part in a conversation that somebody asked for by its id. */
export interface ConversationPlace {
  readonly queueIds: readonly string[];
  readonly userIds: readonly string[];
}

/**
 * A snapshot that never changes; the next one shares with it whatever stayed the same. Ids are lower case. A part
 * that nobody needed is empty.
 */
export interface Organisation {
  readonly queues: ReadonlyMap<string, OrganisationEntity>;
  readonly users: ReadonlyMap<string, OrganisationEntity>;
  /** Ids of those who have joined a queue, by the queue's id. */
  readonly members: ReadonlyMap<string, ReadonlySet<string>>;
  readonly conversations: ReadonlyMap<string, ConversationPlace>;
}

/** Nothing is known. */
export const emptyOrganisation: Organisation = {
  queues: new Map(),
  users: new Map(),
  members: new Map(),
  conversations: new Map(),
};

/** What must be known of the organisation to name the topics. */
export interface OrganisationNeeds {
  readonly queues: boolean;
  readonly users: boolean;
  /** Ids of the queues whose members matter; sorted. */
  readonly membersOf: readonly string[];
  readonly conversationIds: readonly string[];
}

/** Nothing need be known. */
export const noNeeds: OrganisationNeeds = {
  queues: false,
  users: false,
  membersOf: [],
  conversationIds: [],
};

/** All that any of several needs. */
export function mergeNeeds(all: readonly OrganisationNeeds[]): OrganisationNeeds {
  const union = (pick: (needs: OrganisationNeeds) => readonly string[]): readonly string[] =>
    [...new Set(all.flatMap(pick))].sort();
  return {
    queues: all.some((needs) => needs.queues),
    users: all.some((needs) => needs.users),
    membersOf: union((needs) => needs.membersOf),
    conversationIds: union((needs) => needs.conversationIds),
  };
}
