import { describe, expect, test } from "vitest";
import type { AvailableTopic } from "../rest/notifications.ts";
import { uuid } from "../testing/samples.ts";
import { unlisted } from "./catalogue.ts";
import { parseTopics } from "./names.ts";

function listed(id: string, ...transports: readonly string[]): AvailableTopic {
  return { id, description: undefined, requiresPermissions: [], transports };
}

const catalogue = [
  listed("v2.users.{id}.presence", "All"),
  listed("v2.Routing.Queues.{id}.users"),
  listed("v2.conversations.{id}.transcription", "EventBridge"),
  listed("v2.outbound.{type}.{id}.x+y", "Websocket"),
  listed("v2.audits"),
];

function missing(...written: readonly string[]): readonly string[] {
  return unlisted(written.flatMap(parseTopics), catalogue);
}

describe("the catalogue", () => {
  test.each([
    `v2.users.${uuid(1)}.presence`,
    `V2.users.${uuid(1)}.presence`.replace("V", "v"),
    `v2.users.${uuid(10).toUpperCase()}.PRESENCE`,
    "v2.users.me.presence",
    `v2.routing.queues.${uuid(1)}.users`,
    `v2.outbound.campaigns.${uuid(1)}.x+y`,
    "v2.audits",
  ])("lists %s", (topic) => {
    expect(missing(topic)).toEqual([]);
  });

  test.each([
    `v2.users.${uuid(1)}.presences`,
    `v2.users.${uuid(1)}.presence.more`,
    `v2.outbound.campaigns.${uuid(1)}.xxy`,
    "v2.audit",
  ])("does not list %s", (topic) => {
    expect(missing(topic)).toEqual([topic]);
  });

  test("leaves out what has another transport than sockets", () => {
    const topic = `v2.conversations.${uuid(1)}.transcription`;
    expect(missing(topic)).toEqual([topic]);
  });

  test("names each missing topic as it was written, in order", () => {
    expect(missing("v2.Nope", `v2.users.${uuid(1)}.presence`, "v2.nada")).toEqual([
      "v2.Nope",
      "v2.nada",
    ]);
  });
});
