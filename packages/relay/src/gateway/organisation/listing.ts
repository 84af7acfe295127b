/**
 * Reads lists of the organisation page after page. Shapes: official JavaScript SDK documentation, RoutingApi, UsersApi,
 * ConversationsApi (official SDK); page sizes: GENESYS.md 3.7.
 */
import {
  isTrunklineError,
  type Answered,
  type Asked,
  type Clock,
  type TrunklineError,
} from "@trunkline/client";
import {
  listingPageSize,
  type ConversationPlace,
  type OrganisationEntity,
} from "@trunkline/events";
import { MalformedListing } from "./problems.ts";

/** Asks the API of Genesys Cloud: `ask` of the client. */
export type Ask = (request: Asked) => Promise<Answered>;

/** How often a call is made before it is given up for now. */
const attemptsMax = 4;
const firstRetryMs = 1_000;
const retryMaxMs = 60_000;

/** The same door, knocked at again where that may help: after 1, 4 and 16 s, or when the service says. */
export function patient(
  ask: Ask,
  clock: Pick<Clock, "sleep">,
  signal: AbortSignal,
  mayHelp: (error: TrunklineError) => boolean = ({ retry }) => retry !== "never",
): Ask {
  return async (request) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await ask({ ...request, signal });
      } catch (error) {
        signal.throwIfAborted();
        if (!isTrunklineError(error) || !mayHelp(error) || attempt >= attemptsMax) throw error;
        const waitMs = error.retryAfterMs ?? firstRetryMs * 4 ** (attempt - 1);
        await clock.sleep(Math.min(waitMs, retryMaxMs), signal);
        signal.throwIfAborted();
      }
    }
  };
}

export interface Listing<Item> {
  readonly items: ReadonlyMap<string, Item>;
  /**
   * Whether nothing moved while the pages were turned, as far as the counts tell: only then does an absence
   * mean that something is gone.
   */
  readonly isStable: boolean;
  /** Whether there are more than were to be read. */
  readonly isCut: boolean;
}

type Json = Readonly<Record<string, unknown>>;

/** @throws TrunklineError, MalformedListing */
export function listQueues(ask: Ask, max: number): Promise<Listing<OrganisationEntity>> {
  return list(ask, "/api/v2/routing/queues", entityOf, max);
}

/** Active ones, which is what the service lists unless asked. @throws TrunklineError, MalformedListing */
export function listUsers(ask: Ask, max: number): Promise<Listing<OrganisationEntity>> {
  return list(ask, "/api/v2/users", entityOf, max);
}

/** Those who have joined. @throws TrunklineError, MalformedListing */
export function listMembers(ask: Ask, queueId: string, max: number): Promise<Listing<true>> {
  const path = `/api/v2/routing/queues/${queueId}/members`;
  return list(
    ask,
    path,
    ({ joined }) => (joined === false ? undefined : true),
    max,
    "joined=true&",
  );
}

/** @throws TrunklineError, MalformedListing */
export async function readConversation(ask: Ask, id: string): Promise<ConversationPlace> {
  const { body } = await ask({ method: "GET", path: `/api/v2/conversations/${id}` });
  const place = placeOf(body);
  if (place === undefined) throw new MalformedListing("the answer has no participants.");
  return place;
}

/** Queues and users of a conversation's snapshot, from REST or a topic; undefined where it is none. */
export function placeOf(body: unknown): ConversationPlace | undefined {
  const participants = asObject(body)?.["participants"];
  if (!Array.isArray(participants)) return undefined;
  const idsOf = (name: string): readonly string[] => [
    ...new Set(participants.flatMap((one) => uuidOf(asObject(one)?.[name]) ?? [])),
  ];
  return { queueIds: idsOf("queueId"), userIds: idsOf("userId") };
}

async function list<Item>(
  ask: Ask,
  path: string,
  read: (entity: Json, id: string) => Item | undefined,
  max: number,
  query = "",
): Promise<Listing<Item>> {
  const items = new Map<string, Item>();
  const seen = new Set<string>();
  const totals = new Set<unknown>();
  const pagesMax = Math.ceil(max / listingPageSize);
  for (let number = 1; ; number++) {
    const page = `${path}?${query}pageSize=${listingPageSize}&pageNumber=${number}`;
    const answer = asObject((await ask({ method: "GET", path: page })).body);
    const entities = answer?.["entities"];
    if (answer === undefined || !Array.isArray(entities))
      throw new MalformedListing("the answer has no entities.");
    totals.add(answer["total"]);
    for (const entity of entities) {
      const fields = asObject(entity);
      const id = uuidOf(fields?.["id"]);
      if (fields === undefined || id === undefined) continue;
      seen.add(id);
      const item = read(fields, id);
      if (item !== undefined) items.set(id, item);
    }
    const isLast = isLastPage(answer, entities.length, number);
    if (!isLast && number < pagesMax) continue;
    const [total] = totals;
    const isStable =
      isLast && totals.size === 1 && (typeof total !== "number" || total === seen.size);
    return { items, isStable, isCut: !isLast };
  }
}

function isLastPage(answer: Json, length: number, number: number): boolean {
  const { pageCount, nextUri } = answer;
  if (length === 0) return true;
  if (typeof pageCount === "number") return number >= pageCount;
  return typeof nextUri !== "string" && length < listingPageSize;
}

function entityOf(fields: Json, id: string): OrganisationEntity {
  const name = fields["name"];
  const divisionId = uuidOf(asObject(fields["division"])?.["id"]);
  return { id, name: typeof name === "string" ? name : undefined, divisionId };
}

export function asObject(value: unknown): Json | undefined {
  return typeof value === "object" && value !== null ? (value as Json) : undefined;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The id in lower case; undefined where it is none. */
export function uuidOf(value: unknown): string | undefined {
  return typeof value === "string" && uuid.test(value) ? value.toLowerCase() : undefined;
}
