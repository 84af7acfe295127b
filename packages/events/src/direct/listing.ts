/**
 * Reads of the organisation what the planner needs, page after page, under the client's own request budget.
 * Shapes: official JavaScript SDK documentation, RoutingApi, UsersApi, ConversationsApi (official SDK).
 */
import { isTrunklineError, TrunklineError, type Client } from "@trunkline/client";
import { listingPageSize } from "../plan/cost.ts";
import type {
  ConversationPlace,
  Organisation,
  OrganisationEntity,
  OrganisationNeeds,
} from "../plan/organisation.ts";
import type { NoticeMessage } from "../server-messages.ts";
import { fieldsOf, placeOf, uuidOf, widened, type Fields } from "./places.ts";

/** What is read of one list at most. */
export const listingLimits = { queuesMax: 5_000, usersMax: 20_000, membersMax: 5_000 } as const;

export type Ask = Client["ask"];

/** An organisation as it is now, and what of it could not be read: that stays as it was known before. */
export interface Listed {
  readonly organisation: Organisation;
  readonly notices: readonly NoticeMessage[];
}

/**
 * Lists all that is needed, one request after the other.
 * @param before what was known: it is kept where a list cannot be read, or moved while its pages were turned
 * @throws TrunklineError where trying again may help; the signal's reason when it aborts
 */
export async function listOrganisation(
  ask: Ask,
  needs: OrganisationNeeds,
  before: Organisation,
  signal: AbortSignal,
): Promise<Listed> {
  const notices: NoticeMessage[] = [];
  /** What will not heal by itself is told, and the rest goes on. */
  const attempt = async <T>(what: string, known: T, look: () => Promise<T>): Promise<T> => {
    try {
      return await look();
    } catch (error) {
      signal.throwIfAborted();
      if (!isTrunklineError(error) || (error.code !== "FORBIDDEN" && error.code !== "NOT_FOUND"))
        throw error;
      const { code, message, help } = error;
      notices.push({ type: "notice", code, message: `${what} cannot be read: ${message}`, help });
      return known;
    }
  };
  const list = async <T>(
    what: string,
    path: string,
    known: ReadonlyMap<string, T>,
    { max, read }: { readonly max: number; readonly read: (fields: Fields, id: string) => T },
  ): Promise<ReadonlyMap<string, T>> =>
    attempt(what, known, async () => {
      const { items, isWhole, isCut } = await readList(ask, path, read, { max, signal });
      if (isCut)
        notices.push({
          type: "notice",
          code: "LISTING_TOO_LARGE",
          message: `${what}: there are more than ${max}, and those beyond are not carried.`,
          help: "Name queues, users or divisions rather than all, or use a relay.",
        });
      return isWhole ? items : new Map([...known, ...items]);
    });

  const queues = needs.queues
    ? await list("The list of queues", "/api/v2/routing/queues?", before.queues, {
        max: listingLimits.queuesMax,
        read: entityOf,
      })
    : before.queues;
  const users = needs.users
    ? await list("The list of users", "/api/v2/users?", before.users, {
        max: listingLimits.usersMax,
        read: entityOf,
      })
    : before.users;
  const members = new Map<string, ReadonlySet<string>>();
  for (const id of needs.membersOf) {
    const known = new Map([...(before.members.get(id) ?? [])].map((each) => [each, true]));
    const path = `/api/v2/routing/queues/${id}/members?joined=true&`;
    const listed = await list(`The list of members of queue ${id}`, path, known, {
      max: listingLimits.membersMax,
      read: ({ joined }) => joined !== false,
    });
    members.set(id, new Set([...listed].flatMap(([each, isIn]) => (isIn ? [each] : []))));
  }
  const conversations = new Map<string, ConversationPlace>();
  for (const id of needs.conversationIds) {
    const known = before.conversations.get(id) ?? { queueIds: [], userIds: [] };
    const place = await attempt(`The conversation ${id}`, known, async () => {
      const { body } = await ask({ method: "GET", path: `/api/v2/conversations/${id}`, signal });
      return widened(known, placeOf(body) ?? malformed());
    });
    conversations.set(id, place);
  }
  return { organisation: { queues, users, members, conversations }, notices };
}

interface List<T> {
  readonly items: ReadonlyMap<string, T>;
  /** Whether nothing moved while the pages were turned, as far as the counts tell: only then is what is absent gone. */
  readonly isWhole: boolean;
  readonly isCut: boolean;
}

async function readList<T>(
  ask: Ask,
  path: string,
  read: (fields: Fields, id: string) => T,
  { max, signal }: { readonly max: number; readonly signal: AbortSignal },
): Promise<List<T>> {
  const items = new Map<string, T>();
  const totals = new Set<unknown>();
  for (let number = 1; ; number++) {
    const page = `${path}pageSize=${listingPageSize}&pageNumber=${number}`;
    const answer = fieldsOf((await ask({ method: "GET", path: page, signal })).body) ?? malformed();
    const { entities, total, pageCount, nextUri } = answer;
    if (!Array.isArray(entities)) return malformed();
    totals.add(total);
    for (const entity of entities) {
      const fields = fieldsOf(entity);
      const id = uuidOf(fields?.["id"]);
      if (fields !== undefined && id !== undefined) items.set(id, read(fields, id));
    }
    const isLast =
      entities.length === 0 ||
      (typeof pageCount === "number"
        ? number >= pageCount
        : typeof nextUri !== "string" && entities.length < listingPageSize);
    if (!isLast && number * listingPageSize < max) continue;
    const isCounted = typeof total !== "number" || total === items.size;
    return { items, isWhole: isLast && totals.size === 1 && isCounted, isCut: !isLast };
  }
}

function malformed(): never {
  throw new TrunklineError(
    "ANSWER_MALFORMED",
    "A list of the organisation is not what Genesys Cloud sends.",
  );
}

function entityOf(fields: Fields, id: string): OrganisationEntity {
  const { name } = fields;
  const divisionId = uuidOf(fieldsOf(fields["division"])?.["id"]);
  return { id, name: typeof name === "string" ? name : undefined, divisionId };
}
