/** Tells the outside what became of a conversation, on every topic that it concerns. */
import { conversationBody } from "./conversation-bodies.ts";
import {
  takesPart,
  wantedLanguage,
  wantedSkills,
  type Conversation,
  type Participant,
  type Session,
} from "./conversation.ts";
import { detailHead, detailMedia, detailSession } from "./detail-bodies.ts";
import type { Life } from "./life.ts";
import { mediaBody } from "./media-bodies.ts";
import { mediaPlural, type Media } from "./media.ts";
import { summaryBody } from "./people-bodies.ts";
import type { Person } from "./people.ts";
import type { Queue } from "./world.ts";

/** Of the states that `v2.detail.events.agent.{id}.state` knows, those that occur here. */
export type AgentState =
  | "ALERT"
  | "CALLBACK"
  | "CONTACTING"
  | "DIALING"
  | "HOLD"
  | "INTERACT"
  | "TERMINATED"
  | "WRAPUP";

export class Announcer {
  readonly #life: Life;

  constructor(life: Life) {
    this.#life = life;
  }

  /** A whole new state goes to all queues and users that take part, or just left: in two shapes. */
  state(conversation: Conversation, ...left: readonly Participant[]): void {
    const { tell, world } = this.#life;
    const queues: Queue[] = [];
    const userIds: string[] = [];
    for (const participant of conversation.participants) {
      if (!takesPart(participant) && !left.includes(participant)) continue;
      const { queue, userId } = participant;
      if (queue !== undefined && !queues.includes(queue)) queues.push(queue);
      if (userId !== undefined && !userIds.includes(userId)) userIds.push(userId);
    }
    const whole = once(() => JSON.stringify(conversationBody(conversation, world)));
    const flat = mediaOf(conversation).map((media) => ({
      suffix: mediaPlural[media],
      body: once(() => JSON.stringify(mediaBody(conversation, media, world))),
    }));
    const both = (topic: string): void => {
      tell(topic, whole);
      for (const { suffix, body } of flat) tell(`${topic}.${suffix}`, body);
    };
    for (const queue of queues) both(`v2.routing.queues.${queue.id}.conversations`);
    for (const userId of userIds) both(`v2.users.${userId}.conversations`);
  }

  /** A detail event of a session. */
  detail(
    name: string,
    conversation: Conversation,
    participant: Participant,
    nowMs: number,
    further: () => object,
    session: Session = participant.sessions[0],
  ): void {
    this.#life.tell(detailTopic(conversation, name), () =>
      JSON.stringify({
        ...detailHead(conversation, participant, nowMs),
        ...detailSession(conversation, session),
        ...further(),
      }),
    );
  }

  /** The one detail event that is of no session. */
  attributes(conversation: Conversation, participant: Participant, nowMs: number): void {
    this.#life.tell(detailTopic(conversation, "attributes"), () =>
      JSON.stringify({
        ...detailHead(conversation, participant, nowMs),
        attributes: conversation.attributes,
        communications: participant.sessions.map((session) => ({
          id: session.id,
          mediaType: detailMedia(session),
        })),
      }),
    );
  }

  agentState(
    conversation: Conversation,
    agent: Participant,
    currentState: AgentState,
    nowMs: number,
    session: Session = agent.sessions[0],
  ): void {
    this.#life.tell(`v2.detail.events.agent.${agent.userId}.state`, () =>
      JSON.stringify({
        conversationId: conversation.id,
        sessionId: session.id,
        sessionStart: session.startMs,
        currentStateStart: nowMs,
        currentState,
        userId: agent.userId,
        originatingDirection: conversation.direction.toUpperCase(),
        mediaType: detailMedia(session),
        queueId: agent.queue?.id,
        requestedLanguageId: wantedLanguage(conversation)?.id,
        requestedSkillIds: wantedSkills(conversation).map(({ id }) => id),
      }),
    );
  }

  summary(person: Person): void {
    this.#life.tell(`v2.users.${person.agent.id}.conversationsummary`, () =>
      JSON.stringify(summaryBody(person)),
    );
  }
}

function detailTopic({ id }: Conversation, name: string): string {
  return `v2.detail.events.conversation.${id}.${name}`;
}

const alone: Readonly<Record<Media, readonly Media[]>> = {
  call: ["call"],
  callback: ["callback"],
  chat: ["chat"],
  email: ["email"],
  message: ["message"],
};
const dialled: readonly Media[] = ["callback", "call"];

/** A callback has a call besides, from the moment on in which it is dialled. */
function mediaOf({ media, participants }: Conversation): readonly Media[] {
  return media === "callback" && participants.some(({ sessions }) => sessions.length > 1)
    ? dialled
    : alone[media];
}

/** A body is written at most once, and only when asked for. */
function once(write: () => string): () => string {
  let text: string | undefined;
  return () => (text ??= write());
}
