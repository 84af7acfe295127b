/** What both shapes of conversation topics have in common (GENESYS.md 7). */
import {
  wantedLanguage,
  wantedSkills,
  type Conversation,
  type Exchange,
  type Participant,
  type Session,
  type Wrapup,
} from "./conversation.ts";
import { isoTime } from "./instants.ts";
import {
  alertingTimeoutMs,
  wrapupTimeoutMs,
  type NamedEntity,
  type Queue,
  type World,
} from "./world.ts";

export function wrapsUp({ purpose, queue }: Participant): boolean {
  return purpose === "agent" && queue !== undefined;
}

export function wrapupFields(participant: Participant): object | undefined {
  const { queue } = participant;
  if (participant.purpose !== "agent") return undefined;
  return {
    alertingTimeoutMs,
    wrapupPrompt: queue?.wrapupPrompt,
    wrapupTimeoutMs: queue?.wrapupPrompt === "timeout" ? wrapupTimeoutMs : undefined,
    startAcwTime: isoTime(participant.startAcwMs),
    endAcwTime: isoTime(participant.endAcwMs),
  };
}

/** Agents' calls are recorded while they last. */
export function recording(
  { purpose }: Participant,
  { state }: Session,
): { readonly recording: boolean; readonly recordingState: "active" | "none" } {
  const active = purpose === "agent" && state === "connected";
  return { recording: active, recordingState: active ? "active" : "none" };
}

export function recordingState({ participants }: Conversation): "active" | "none" {
  const active = participants.some((participant) =>
    participant.sessions.some(
      (session) => session.media === "call" && recording(participant, session).recording,
    ),
  );
  return active ? "active" : "none";
}

export function callbackFields({ callback }: Conversation): object {
  return {
    callbackNumbers: callback === undefined ? undefined : [callback.number],
    callbackUserName: callback?.userName,
    callbackScheduledTime: isoTime(callback?.scheduledMs),
    timeoutSeconds: 30,
  };
}

export function emailFields({ subject, exchanges }: Conversation): object {
  return {
    subject,
    messagesSent: exchanges.filter(({ from }) => from === "agent").length,
    messageId: exchanges.at(-1)?.id,
    spam: false,
    draftAttachments: [],
  };
}

export function messageDetails({ id, atMs, from }: Exchange): object {
  const messageStatus = from === "customer" ? "received" : "sent";
  return { messageId: id, messageTime: isoTime(atMs), messageStatus, messageSegmentCount: 1 };
}

export function roomId({ id }: Conversation): string {
  return `${id}@conference.mock.example.com`;
}

export function wrapupBody(wrapup: Wrapup | undefined): object | undefined {
  if (wrapup === undefined) return undefined;
  const { code, notes, durationSeconds, endMs } = wrapup;
  return { code, notes, durationSeconds, endTime: isoTime(endMs) };
}

/** What stands for a code that an agent did not give. */
export const skippedCode = "ININ-WRAP-UP-SKIPPED";

export const timedOutCode = "ININ-WRAP-UP-TIMEOUT";

export function address(raw: string): object {
  return { addressNormalized: raw, addressRaw: raw, addressDisplayable: raw };
}

export function routingData(
  conversation: Conversation,
  queue: Queue | undefined,
): object | undefined {
  if (queue === undefined) return undefined;
  return {
    queue: reference(queue),
    language: reference(wantedLanguage(conversation)),
    priority: conversation.priority,
    skills: wantedSkills(conversation).map((skill) => reference(skill)),
    scoredAgents: [],
  };
}

export function reference(entity: NamedEntity | undefined): object | undefined {
  return entity === undefined ? undefined : { id: entity.id, name: entity.name };
}

export function lastQueue({ participants }: Conversation): Queue | undefined {
  return participants.findLast(({ queue }) => queue !== undefined)?.queue;
}

/** Of the queues that it came to, each with those queues; of the first division when it came to none. */
export function divisions({ participants }: Conversation, world: World): object[] {
  const queues = new Set(participants.flatMap(({ queue }) => queue ?? []));
  const found = world.divisions
    .map(({ id }) => ({ id, own: [...queues].filter((queue) => queue.divisionId === id) }))
    .filter(({ own }) => own.length > 0);
  return (found.length > 0 ? found : [{ id: world.divisionId, own: [] }]).map(({ id, own }) => ({
    division: { id, selfUri: `/api/v2/authorization/divisions/${id}` },
    entities: own.map((queue) => ({ id: queue.id, selfUri: `/api/v2/routing/queues/${queue.id}` })),
  }));
}
