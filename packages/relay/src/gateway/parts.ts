/** What all connections of a gateway share. */
import type { Subscription } from "@trunkline/events";
import type { Journal } from "../journal/journal.ts";
import type { Clock, Log } from "../ports.ts";
import type { Alarms } from "./alarms.ts";
import type { Coverages } from "./coverage.ts";
import type { Feeds } from "./fan-out/feeds.ts";
import type { Hub } from "./fan-out/hub.ts";
import type { Access } from "./grant.ts";
import type { Interests } from "./interests.ts";
import type { Consumers } from "./standing/consumers.ts";
import type { StandingSubscriptions } from "./standing/subscriptions.ts";
import type { Retrospect } from "./retrospect.ts";
import type { Tally } from "./status.ts";

export interface Parts {
  readonly journal: Pick<Journal, "id" | "head" | "read" | "grown">;
  readonly hub: Hub;
  readonly feeds: Feeds;
  readonly coverages: Coverages;
  readonly retrospect: Retrospect;
  /** Whether all trunks that may be seen know of their organisation what decides about a subscription, or never will. */
  readonly isListed: (
    subscription: Subscription,
    visible: readonly string[] | undefined,
  ) => boolean;
  readonly interests: Interests;
  readonly standing: StandingSubscriptions;
  readonly consumers: Consumers;
  readonly access: Access;
  readonly alarms: Alarms;
  readonly tally: Tally;
  readonly clock: Clock;
  readonly log: Log;
  /** The journal could not be read: says so, and resolves when it may be tried again. */
  readonly journalFailed: (error: unknown) => Promise<void>;
}
