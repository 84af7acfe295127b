import { expect, test } from "vitest";
import { subjectOf } from "./subject.ts";

const id = "0d9f6dd0-1111-2222-3333-444455556666";

const members = ["routing.queueMemberEvent"];

test.each([
  [`v2.users.${id}.presence`, ["user:presence"], id],
  [`v2.users.${id}.routingstatus`, ["user:routingStatus"], id],
  [`v2.analytics.queues.${id}.observations`, ["conversation.summary"], id],
  [`V2.Routing.Queues.${id.toUpperCase()}.Users`, members, id.toUpperCase()],
  ["v2.routing.queues.q1.users", members, "q1"],
  [`v2.detail.events.conversation.${id}.wrapup`, [], id],
  [`v2.users.${id}.conversations.${id}`, [], id],
  [`v2.routing.queues.${id}.conversations`, ["conversation:all"], id],
  [`v2.users.${id}.conversations`, ["conversation:all"], id],
  ["v2.users.presence", [], undefined],
  ["channel.metadata", [], undefined],
  ["v2.system.socket_closing", [], undefined],
  ["", [], undefined],
] as const)("%s", (topic, types, entity) => {
  expect(subjectOf(topic)).toEqual({ types, entity });
});
