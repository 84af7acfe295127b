/** Paged listings in the usual envelope (GENESYS.md 3.7). */
import { refusals } from "../errors.ts";
import { done, refused, type Reply } from "../reply.ts";

export const pageSizeDefault = 25;
export const pageSizeMax = 100;

/** `pageSize` defaults to 25 and is at most 100; `pageNumber` counts from 1. */
export function page<Item>(
  path: string,
  query: URLSearchParams,
  items: readonly Item[],
  entityOf: (item: Item) => object,
): Reply {
  const pageSize = pageSizeOf(query);
  const pageNumber = positive(query.get("pageNumber"), 1);
  if (typeof pageSize !== "number") return pageSize;
  if (pageNumber === undefined)
    return refused(refusals.invalidValue("pageNumber must be at least 1."));
  const pageCount = Math.ceil(items.length / pageSize);
  const uri = (number: number): string => {
    const others = new URLSearchParams(query);
    others.set("pageSize", String(pageSize));
    others.set("pageNumber", String(number));
    return `${path}?${others.toString()}`;
  };
  return done(200, {
    entities: items.slice((pageNumber - 1) * pageSize, pageNumber * pageSize).map(entityOf),
    pageSize,
    pageNumber,
    total: items.length,
    firstUri: uri(1),
    selfUri: uri(pageNumber),
    ...(pageNumber < pageCount && { nextUri: uri(pageNumber + 1) }),
    ...(pageNumber > 1 && { previousUri: uri(pageNumber - 1) }),
    lastUri: uri(Math.max(1, pageCount)),
    pageCount,
  });
}

/** A page without an end in sight: the next one is asked for by the cursor that this one gives. */
export function cursorPage<Item extends { readonly id: string }>(
  path: string,
  query: URLSearchParams,
  items: readonly Item[],
  entityOf: (item: Item) => object,
): Reply {
  const pageSize = pageSizeOf(query);
  if (typeof pageSize !== "number") return pageSize;
  const cursor = query.get("cursor");
  const from = cursor === null ? 0 : items.findIndex((item) => item.id === cursor) + 1;
  if (cursor !== null && from === 0)
    return refused(refusals.invalidValue("cursor is not one that was given out."));
  const shown = items.slice(from, from + pageSize);
  const next = from + pageSize < items.length ? shown.at(-1)?.id : undefined;
  const others = new URLSearchParams(query);
  if (next !== undefined) others.set("cursor", next);
  return done(200, {
    entities: shown.map(entityOf),
    results: shown.length,
    selfUri: query.size === 0 ? path : `${path}?${query.toString()}`,
    ...(next !== undefined && { cursor: next, nextUri: `${path}?${others.toString()}` }),
  });
}

function pageSizeOf(query: URLSearchParams): number | Reply {
  const pageSize = positive(query.get("pageSize"), pageSizeDefault);
  if (pageSize !== undefined && pageSize <= pageSizeMax) return pageSize;
  return refused(refusals.invalidValue(`pageSize must be from 1 to ${pageSizeMax}.`));
}

function positive(text: string | null, otherwise: number): number | undefined {
  if (text === null || text === "") return otherwise;
  return /^[1-9]\d{0,8}$/u.test(text) ? Number(text) : undefined;
}

/** A parameter that may come several times, with commas, or both. */
export function listOf(query: URLSearchParams, name: string): string[] {
  return query
    .getAll(name)
    .flatMap((value) => value.split(","))
    .filter((value) => value !== "");
}

/** Everything that may be asked for with `expand` (GENESYS.md 3.7); the mock has the first seven, and leaves out the others. */
const expansions = new Set([
  "routingStatus",
  "presence",
  "outOfOffice",
  "station",
  "conversationSummary",
  "skills",
  "languages",
  "integrationPresence",
  "geolocation",
  "authorization",
  "authorization.unusedRoles",
  "lasttokenissued",
  "team",
  "workPlanBidRanks",
  "externalContactsSettings",
  "profileSkills",
  "certifications",
  "locations",
  "groups",
  "languagePreference",
  "employerInfo",
  "biography",
  "dateLastLogin",
]);

export function expandOf(query: URLSearchParams): ReadonlySet<string> | Reply {
  const expand = listOf(query, "expand");
  const unknown = expand.find((name) => !expansions.has(name));
  if (unknown === undefined) return new Set(expand);
  return refused(refusals.invalidValue(`"${unknown}" is not a value of expand.`));
}
