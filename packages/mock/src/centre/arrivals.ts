/** Customers as they come: who it is, and what is wanted, from the dice. */
import type { Dice } from "../cloud/dice.ts";
import { join, type Conversation } from "./conversation.ts";
import { messageTypes, type Media, type MessageType } from "./media.ts";
import { firstNames, lastNames, subjects } from "./names.ts";
import type { Queue, World } from "./world.ts";

/** How often customers choose a medium, where a queue takes it. */
export const arrivalWeights: Readonly<Record<Media, number>> = {
  call: 55,
  callback: 7,
  chat: 10,
  email: 10,
  message: 18,
};

const needsSkill = 0.35;
const needsLanguage = 0.25;
const isUrgent = 0.05;
const reasons = ["billing", "order", "contract", "technical", "other"] as const;

/** A customer arrives at this queue; a callback is wanted after `callbackAfterMs`. */
export function arrival(
  dice: Dice,
  world: World,
  queue: Queue,
  nowMs: number,
  callbackAfterMs: () => number,
): Conversation {
  const media = chooseMedia(dice, queue.media);
  const messageType = media === "message" ? dice.pick(messageTypes) : undefined;
  const name = `${dice.pick(firstNames)} ${dice.pick(lastNames)}`;
  const number = `+1317${1_000_000 + dice.below(9_000_000)}`;
  const conversation: Conversation = {
    id: dice.uuid(),
    media,
    messageType,
    direction: "inbound",
    startMs: nowMs,
    endMs: undefined,
    ...addresses(dice, media, messageType, { name, number, queue: queue.name }),
    externalContactId: dice.uuid(),
    subject: media === "email" ? dice.pick(subjects) : undefined,
    callback:
      media === "callback"
        ? { number, userName: name, scheduledMs: nowMs + callbackAfterMs() }
        : undefined,
    skills: queue.skills.length > 0 && dice.chance(needsSkill) ? [dice.pick(queue.skills)] : [],
    language: dice.chance(needsLanguage) ? dice.pick(world.languages) : undefined,
    priority: dice.chance(isUrgent) ? 5 : 0,
    relaxedMs: undefined,
    attributes: { "context.reason": dice.pick(reasons) },
    participants: [],
    exchanges: [],
    transfers: [],
  };
  join(conversation, dice, nowMs, {
    purpose: "customer",
    name,
    state: media === "callback" ? "scheduled" : "connected",
    media,
    direction: conversation.direction,
  });
  return conversation;
}

function chooseMedia(dice: Dice, among: readonly Media[]): Media {
  let left = dice.unit() * among.reduce((sum, media) => sum + arrivalWeights[media], 0);
  for (const media of among) {
    left -= arrivalWeights[media];
    if (left < 0) return media;
  }
  return "call";
}

function addresses(
  dice: Dice,
  media: Media,
  messageType: MessageType | undefined,
  { name, number, queue }: { name: string; number: string; queue: string },
): Pick<Conversation, "ani" | "dnis"> {
  switch (media) {
    case "call":
    case "callback":
      return { ani: `tel:${number}`, dnis: "tel:+13175550100" };
    case "chat":
      return { ani: dice.uuid(), dnis: "chat.mock.example.com" };
    case "email":
      return {
        ani: `${name.toLowerCase().replace(" ", ".")}@customers.example.com`,
        dnis: `${queue.toLowerCase().replaceAll(" ", ".")}@mock.example.com`,
      };
    case "message":
      return { ani: messageType === "webmessaging" ? dice.uuid() : number, dnis: "+13175550101" };
    default:
      return media satisfies never;
  }
}
