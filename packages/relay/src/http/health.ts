/** `/healthz`: the process serves. `/readyz`: it also does what it is for. */
import { z } from "zod";
import type { Service, TrunkStatus } from "../service.ts";
import type { FailureReply, HealthReply, ReadyReply, TopicState, TrunkReply } from "./api.ts";
import type { JournalStatus } from "../journal/journal.ts";
import { instant, json, route, type Route } from "./route.ts";

export function healthRoutes(service: Service, version: string): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/healthz",
      isOpen: true,
      // Those who ask may add what they like against caches.
      query: z.object({}),
      body: z.undefined(),
      answer: () => json({ status: "ok", version } satisfies HealthReply),
    }),
    route({
      method: "GET",
      path: "/readyz",
      isOpen: true,
      query: z.object({}),
      body: z.undefined(),
      answer: ({ isTrusted }) => {
        const whole = readiness(service);
        const reply: ReadyReply = isTrusted ? whole : { ready: whole.ready };
        return json(reply, whole.ready ? 200 : 503);
      },
    }),
  ];
}

/** Ready is who has every wanted topic live or refused for good, and can store what comes. */
export function readiness(service: Service): ReadyReply {
  const trunks = service.trunks();
  const { failure } = service.journal.status();
  return {
    ready: failure === undefined && trunks.every(isReady),
    trunks: trunks.map(trunkReply),
    journal: failure === undefined ? {} : { failure: failureReply(failure) },
  };
}

function isReady({ state, topics }: TrunkStatus): boolean {
  return (
    state === "live" &&
    topics.every((topic) => topic.state === "live" || topic.state === "rejected")
  );
}

export function trunkReply(trunk: TrunkStatus): TrunkReply {
  const { name, organizationId, state, openGaps, received, error } = trunk;
  return {
    name,
    ...(organizationId === undefined ? {} : { organizationId }),
    state,
    topics: countTopics(trunk),
    openGaps,
    received,
    ...(error === undefined ? {} : { error }),
  };
}

/** How many topics are in each state. */
export function countTopics({ topics }: TrunkStatus): Readonly<Record<TopicState, number>> {
  const counts = { live: 0, pending: 0, rejected: 0, "over-budget": 0 };
  for (const { state } of topics) counts[state]++;
  return counts;
}

export function failureReply({
  error,
  sinceMs,
}: NonNullable<JournalStatus["failure"]>): FailureReply {
  const { code, message, help } = error;
  return { code, message, help, since: instant(sinceMs) };
}
