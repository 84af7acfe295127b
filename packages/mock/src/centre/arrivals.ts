/** Customers as they come: who it is, and what is wanted, from the dice. */
import type { Dice } from "../cloud/dice.ts";
import { join, type Conversation } from "./conversation.ts";
import { messageTypes, type Media } from "./media.ts";
import { firstNames, lastNames } from "./names.ts";

export function arrival(dice: Dice, nowMs: number): Conversation {
  const media: Media = dice.chance(0.65) ? "call" : "message";
  const messageType = media === "message" ? dice.pick(messageTypes) : undefined;
  const phone = `+1317${1_000_000 + dice.below(9_000_000)}`;
  const conversation: Conversation = {
    id: dice.uuid(),
    media,
    messageType,
    direction: "inbound",
    startMs: nowMs,
    endMs: undefined,
    ani: media === "call" ? `tel:${phone}` : messageType === "webmessaging" ? dice.uuid() : phone,
    dnis: media === "call" ? "tel:+13175550100" : "+13175550101",
    externalContactId: dice.uuid(),
    subject: undefined,
    callback: undefined,
    skills: [],
    language: undefined,
    priority: 0,
    relaxedMs: undefined,
    attributes: {},
    participants: [],
    exchanges: media === "message" ? [{ id: dice.uuid(), atMs: nowMs, from: "customer" }] : [],
  };
  join(conversation, dice, nowMs, {
    purpose: "customer",
    name: `${dice.pick(firstNames)} ${dice.pick(lastNames)}`,
    state: "connected",
    media,
    direction: "inbound",
  });
  return conversation;
}
