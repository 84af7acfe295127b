/** What of an organisation could not be followed, and what that means for whoever wants its events. */
import { isTrunklineError } from "@trunkline/client";

/** A part of what is listed. */
export type OrganisationPart = "queues" | "users" | "members" | "conversations";

const table = {
  /** The credential may not see it. */
  LISTING_FORBIDDEN:
    "Give the OAuth client a role with the permission, in the divisions concerned.",
  /** It is tried again. */
  LISTING_FAILED: "It is tried again by itself; what was known before is carried on.",
  /** Another shape than ours. */
  LISTING_MALFORMED:
    "A proxy may have answered instead: check the base URL. What was known before is carried on.",
  /** More than are kept. */
  LISTING_TOO_LARGE: "Name queues, users or divisions rather than all.",
  /** No such object. */
  LISTING_UNKNOWN: "Check the id, and that it is of this organisation.",
} as const;

export type FollowProblemCode = keyof typeof table;

export interface FollowProblem {
  readonly code: FollowProblemCode;
  readonly part: OrganisationPart;
  /** The queue or conversation concerned; undefined where it is the whole list. */
  readonly id: string | undefined;
  /** One sentence: what happened. */
  readonly message: string;
  readonly help: string;
  readonly missingPermissions: readonly string[];
}

/** Thrown by a listing whose answer is not what is documented. */
export class MalformedListing extends Error {}

export function problem(
  code: FollowProblemCode,
  part: OrganisationPart,
  id: string | undefined,
  message: string,
  missingPermissions: readonly string[] = [],
): FollowProblem {
  return { code, part, id, message, help: table[code], missingPermissions };
}

/** What an error of a listing comes to. */
export function problemOf(
  error: unknown,
  part: OrganisationPart,
  id: string | undefined,
): FollowProblem {
  const what =
    id === undefined ? `The ${part} cannot be listed` : `${nouns[part]} ${id} cannot be looked up`;
  if (error instanceof MalformedListing)
    return problem("LISTING_MALFORMED", part, id, `${what}: ${error.message}`);
  if (!isTrunklineError(error))
    return problem("LISTING_FAILED", part, id, `${what}, for a reason unknown.`);
  const { message, missingPermissions } = error;
  const said = `${what}: ${message}`;
  if (error.code === "FORBIDDEN")
    return problem("LISTING_FORBIDDEN", part, id, said, missingPermissions);
  if (error.code === "NOT_FOUND") return problem("LISTING_UNKNOWN", part, id, said);
  return problem("LISTING_FAILED", part, id, said);
}

const nouns: Readonly<Record<OrganisationPart, string>> = {
  queues: "The queue",
  users: "The user",
  members: "The members of queue",
  conversations: "The conversation",
};
