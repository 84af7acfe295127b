/** What is written: customer and agent take turns, and whoever writes on a web page is seen typing. */
import { isoTime } from "./instants.ts";
import { within } from "./life.ts";
import type { Media } from "./media.ts";
import type { Ports, Talk } from "./talk.ts";

/** Mean wait before the other answers, as a part of the usual time with the customer. */
const pauseMs: Readonly<Record<Media, number>> = {
  call: 0,
  callback: 0,
  chat: 60_000,
  email: 210_000,
  message: 110_000,
};
const typingMs = 5000;
const exchangesMax = 20;

export function write(ports: Ports, talk: Talk, nowMs: number): void {
  const { life, announcer } = ports;
  const { conversation, end } = talk;
  const { deadlines, dice } = life;
  const fromCustomer = conversation.exchanges.length % 2 === 0;
  const atMs = nowMs + within(life, pauseMs[conversation.media]);
  if (atMs >= end.atMs || conversation.exchanges.length >= exchangesMax) return;
  const isSeenTyping = fromCustomer && conversation.messageType === "webmessaging";
  const startsTypingMs = atMs - within(life, typingMs);
  if (isSeenTyping && startsTypingMs > nowMs)
    deadlines.set(startsTypingMs, (dueMs) => tellTyping(ports, talk, dueMs));
  deadlines.set(atMs, (dueMs) => {
    const from = fromCustomer ? "customer" : "agent";
    conversation.exchanges.push({ id: dice.uuid(), atMs: dueMs, from });
    announcer.state(conversation);
    write(ports, talk, dueMs);
  });
}

function tellTyping({ life }: Ports, { conversation, person }: Talk, nowMs: number): void {
  const { id, ani, dnis } = conversation;
  const body = (): object => ({
    conversationId: id,
    normalizedMessage: {
      channel: {
        platform: "WebMessaging",
        to: { id: dnis },
        from: { id: ani, idType: "Opaque" },
        time: isoTime(nowMs),
      },
      type: "Event",
      events: [{ eventType: "Typing", typing: { type: "On", duration: typingMs } }],
      direction: "Inbound",
    },
  });
  life.tell(`v2.users.${person.agent.id}.conversations.inbound.typing.event`, () =>
    JSON.stringify(body()),
  );
}
