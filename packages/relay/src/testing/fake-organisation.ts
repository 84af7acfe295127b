/** An organisation that answers listings, page by page, and can be changed and made to fail. */
import { TrunklineError, type Answered, type Asked, type ErrorCode } from "@trunkline/client";

export interface FakeEntity {
  readonly id: string;
  readonly name: string;
  readonly division: { readonly id: string };
}

export class FakeOrganisation {
  queues: FakeEntity[] = [];
  users: FakeEntity[] = [];
  /** Who has joined, by queue. */
  readonly members = new Map<string, string[]>();
  readonly conversations = new Map<string, object>();
  /** Paths and queries that were asked for. */
  readonly asked: string[] = [];
  /** Called before each answer; what it throws, or answers, is the answer. */
  before: (path: string) => Answered | undefined | Promise<undefined> = () => undefined;

  readonly ask = async ({ path }: Asked): Promise<Answered> => {
    this.asked.push(path);
    const instead = await this.before(path);
    if (instead !== undefined) return instead;
    const [route = "", query = ""] = path.split("?");
    const members = /^\/api\/v2\/routing\/queues\/([^/]+)\/members$/.exec(route)?.[1];
    const conversation = /^\/api\/v2\/conversations\/([^/]+)$/.exec(route)?.[1];
    if (conversation !== undefined) {
      const found = this.conversations.get(conversation);
      if (found === undefined) throw failure("NOT_FOUND");
      return { status: 200, body: found };
    }
    if (members !== undefined) {
      const joined = (this.members.get(members) ?? []).map((id) => ({ id, joined: true }));
      return pageOf(joined, query);
    }
    return pageOf(route.endsWith("/users") ? this.users : this.queues, query);
  };

  /** How often a listing was asked for, counted in pages. */
  count(part: string): number {
    return this.asked.filter((path) => path.includes(part)).length;
  }
}

export function failure(code: ErrorCode, retryAfterMs?: number): TrunklineError {
  return new TrunklineError(code, `The service says ${code}.`, { retryAfterMs });
}

export function entities(count: number, from: number, divisionId: string): FakeEntity[] {
  return Array.from({ length: count }, (_, index) => ({
    id: fakeId(from + index),
    name: `number ${from + index}`,
    division: { id: divisionId },
  }));
}

export function fakeId(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
}

function pageOf(items: readonly object[], query: string): Answered {
  const parameters = new URLSearchParams(query);
  const size = Number(parameters.get("pageSize"));
  const number = Number(parameters.get("pageNumber"));
  const pageCount = Math.ceil(items.length / size);
  const shown = items.slice((number - 1) * size, number * size);
  return { status: 200, body: { entities: shown, total: items.length, pageCount } };
}
