/** `GET /conversations` and `/conversations/{id}` (GENESYS.md 3.7): live, without lag. */
import { conversationBody } from "../../centre/conversation-bodies.ts";
import { refusals } from "../errors.ts";
import { done, refused, type Reply } from "../reply.ts";
import type { Exchange } from "../router.ts";
import { lastChangeMs } from "./known.ts";
import { page } from "./listing.ts";
import type { RestPorts } from "./routes.ts";

/** Lists the conversations of the user who asks; a client without a user has none (GENESYS.md 1.2). */
export function listConversations({ query }: Exchange): Reply {
  return page("/api/v2/conversations", query, [], (none: object) => none);
}

/** What the last event said: the centre's, or one that was published by hand since. */
export function getConversation(exchange: Exchange, ports: RestPorts): Reply {
  const { world, records, settings } = ports;
  const id = exchange.parameters[0] ?? "";
  const published = ports.published.find(id);
  const conversation = records.conversation(id);
  if (
    published !== undefined &&
    (conversation === undefined || lastChangeMs(conversation) <= published.atMs)
  ) {
    const body: unknown = JSON.parse(published.body);
    return done(200, body);
  }
  const endMs = conversation?.endMs;
  const isGone = endMs !== undefined && exchange.nowMs - endMs >= settings.endedConversationMs;
  if (conversation === undefined || isGone) return refused(refusals.notFound("The conversation"));
  return done(200, {
    ...conversationBody(conversation, world),
    startTime: new Date(conversation.startMs).toISOString(),
    ...(endMs !== undefined && { endTime: new Date(endMs).toISOString() }),
    selfUri: `/api/v2/conversations/${id}`,
  });
}
