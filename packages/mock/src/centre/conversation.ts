/** One conversation as facts with their instants: what bodies and REST tell of it is derived from them. */
import type { Dice } from "../cloud/dice.ts";
import type { Media, MessageType } from "./media.ts";
import type { Flow, NamedEntity, Queue } from "./world.ts";

/** In the order in which a session may go through them; it skips some and never goes back. */
export const sessionStates = [
  "scheduled",
  "alerting",
  "dialing",
  "contacting",
  "connected",
  "disconnected",
] as const;

export type SessionState = (typeof sessionStates)[number];

export type DisconnectType =
  | "client"
  | "endpoint"
  | "peer"
  | "system"
  | "timeout"
  | "transfer"
  | "transfer.consult"
  | "transfer.noanswer";

export type Direction = "inbound" | "outbound";

export type Purpose = "customer" | "ivr" | "acd" | "agent" | "user" | "external";

/** The last of a session has no end while it lasts. */
export interface Hold {
  readonly startMs: number;
  endMs: number | undefined;
}

/** What a participant speaks or writes through: conversation topics call it a communication, detail events a session. */
export interface Session {
  readonly id: string;
  readonly media: Media;
  readonly direction: Direction;
  /** Until `connectedMs` (or `endMs`) it alerted, was scheduled, or was being dialled (and rang from `contactingMs` on). */
  readonly initialState: SessionState;
  state: SessionState;
  readonly startMs: number;
  contactingMs: number | undefined;
  connectedMs: number | undefined;
  endMs: number | undefined;
  disconnectType: DisconnectType | undefined;
  /** In order. */
  readonly holds: Hold[];
}

export interface Wrapup {
  /** Id of a code of the organisation, or `ININ-WRAP-UP-TIMEOUT` or `ININ-WRAP-UP-SKIPPED`. */
  readonly code: string;
  readonly notes: string | undefined;
  readonly durationSeconds: number;
  readonly endMs: number;
}

export interface Participant {
  readonly id: string;
  readonly purpose: Purpose;
  readonly name: string;
  readonly userId: string | undefined;
  /** Of an acd participant, and of an agent that serves it. */
  readonly queue: Queue | undefined;
  /** Of an ivr participant. */
  readonly flow: Flow | undefined;
  /** Of an agent that another one asked: that other participant. */
  readonly consultParticipantId: string | undefined;
  readonly startMs: number;
  endMs: number | undefined;
  /** The first is the one by which the participant came; a callback has a call besides, once it is dialled. */
  readonly sessions: [Session, ...Session[]];
  /** After-call work of an agent. */
  startAcwMs: number | undefined;
  endAcwMs: number | undefined;
  wrapup: Wrapup | undefined;
}

/** One text of a chat, an e-mail or a message. */
export interface Exchange {
  readonly id: string;
  readonly atMs: number;
  readonly from: "customer" | "agent";
}

export interface Conversation {
  readonly id: string;
  readonly media: Media;
  /** Of messages only. */
  readonly messageType: MessageType | undefined;
  readonly direction: Direction;
  readonly startMs: number;
  /** When everybody had left; after-call work may go on. */
  endMs: number | undefined;
  /** The customer's address (a `tel:` URI, a number, an e-mail address, an opaque id), and the one that was reached. */
  readonly ani: string;
  readonly dnis: string;
  /** Undefined for a call that is no customer's. */
  readonly externalContactId: string | undefined;
  /** Of e-mails. */
  readonly subject: string | undefined;
  /** Of callbacks. */
  readonly callback: Callback | undefined;
  /** What is asked of an agent; skills are given up when nobody with them is found in time (`relaxedMs`). */
  readonly skills: readonly NamedEntity[];
  readonly language: NamedEntity | undefined;
  readonly priority: number;
  relaxedMs: number | undefined;
  readonly attributes: Readonly<Record<string, string>>;
  readonly participants: Participant[];
  readonly exchanges: Exchange[];
  readonly transfers: Transfer[];
}

/** From an agent to a queue or to another agent; attended when the other agent was consulted first. */
export interface Transfer {
  readonly id: string;
  readonly atMs: number;
  readonly byUserId: string;
  readonly toUserId: string | undefined;
  readonly toQueueId: string | undefined;
  readonly transferType: "attended" | "unattended";
}

export interface Callback {
  readonly number: string;
  readonly userName: string;
  readonly scheduledMs: number;
}

/** Who joins, and how: `state` is the first of the session. */
export interface Joining {
  readonly purpose: Purpose;
  readonly name: string;
  readonly state: SessionState;
  readonly media: Media;
  readonly direction: Direction;
  readonly userId?: string;
  readonly queue?: Queue;
  readonly flow?: Flow;
  readonly consultParticipantId?: string;
}

/** Somebody, a flow or a queue joins. */
export function join(
  conversation: Conversation,
  dice: Dice,
  nowMs: number,
  who: Joining,
): Participant {
  const participant: Participant = {
    id: dice.uuid(),
    purpose: who.purpose,
    name: who.name,
    userId: who.userId,
    queue: who.queue,
    flow: who.flow,
    consultParticipantId: who.consultParticipantId,
    startMs: nowMs,
    endMs: undefined,
    sessions: [createSession(dice, nowMs, who)],
    startAcwMs: undefined,
    endAcwMs: undefined,
    wrapup: undefined,
  };
  conversation.participants.push(participant);
  return participant;
}

export function createSession(
  dice: Dice,
  nowMs: number,
  how: Pick<Joining, "state" | "media" | "direction">,
): Session {
  return {
    id: dice.uuid(),
    media: how.media,
    direction: how.direction,
    initialState: how.state,
    state: how.state,
    startMs: nowMs,
    contactingMs: undefined,
    connectedMs: how.state === "connected" ? nowMs : undefined,
    endMs: undefined,
    disconnectType: undefined,
    holds: [],
  };
}

/** It rings. */
export function contact(session: Session, nowMs: number): void {
  session.state = "contacting";
  session.contactingMs = nowMs;
}

export function connect(session: Session, nowMs: number): void {
  session.state = "connected";
  session.connectedMs = nowMs;
}

/** All sessions of the participant that still run end alike. */
export function leave(participant: Participant, nowMs: number, how: DisconnectType): void {
  for (const session of participant.sessions) disconnect(session, nowMs, how);
  participant.endMs ??= nowMs;
}

export function disconnect(session: Session, nowMs: number, how: DisconnectType): void {
  if (session.state === "disconnected") return;
  unhold(session, nowMs);
  session.state = "disconnected";
  session.endMs = nowMs;
  session.disconnectType = how;
}

export function hold(session: Session, nowMs: number): void {
  session.holds.push({ startMs: nowMs, endMs: undefined });
}

export function unhold(session: Session, nowMs: number): void {
  const current = currentHold(session);
  if (current !== undefined) current.endMs = nowMs;
}

/** Undefined while the session is not held. */
export function currentHold(session: Session): Hold | undefined {
  const last = session.holds.at(-1);
  return last?.endMs === undefined ? last : undefined;
}

/** Of an ended session, or of one that runs and is held no more. */
export function heldMs(session: Session): number {
  let sum = 0;
  for (const { startMs, endMs } of session.holds) sum += (endMs ?? startMs) - startMs;
  return sum;
}

const none: readonly NamedEntity[] = [];

/** Skills that an agent must have to be offered it at this time. */
export function wantedSkills({ skills, relaxedMs }: Conversation): readonly NamedEntity[] {
  return relaxedMs === undefined ? skills : none;
}

export function wantedLanguage({ language, relaxedMs }: Conversation): NamedEntity | undefined {
  return relaxedMs === undefined ? language : undefined;
}

/** Somebody who is in it, or still at after-call work. */
export function takesPart({ endMs, startAcwMs, endAcwMs }: Participant): boolean {
  return endMs === undefined || (startAcwMs !== undefined && endAcwMs === undefined);
}
