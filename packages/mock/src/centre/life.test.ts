import { assert, describe, expect, test } from "vitest";
import { centreOf, live, templated, type Told } from "../testing/centre-stage.ts";
import { sessionStates, type SessionState } from "./conversation.ts";
import type { Part, Person } from "./people.ts";
import { capacity, mediaPlural, mediaTypes, type Media } from "./media.ts";

interface SessionBody {
  readonly id: string;
  readonly state: SessionState;
  readonly initialState: SessionState;
  readonly held: boolean;
  readonly connectedTime?: string;
  readonly disconnectedTime?: string;
  readonly disconnectType?: string;
  readonly messages?: readonly unknown[];
  readonly messagesSent?: number;
}

interface ParticipantBody extends Partial<Record<"calls" | "callbacks", readonly SessionBody[]>> {
  readonly id: string;
  readonly purpose: string;
  readonly userId?: string;
  readonly queueId?: string;
  readonly endTime?: string;
  readonly consultParticipantId?: string;
  readonly startAcwTime?: string;
  readonly endAcwTime?: string;
  readonly wrapup?: { readonly code: string; readonly notes?: string };
  readonly conversationRoutingData?: { readonly skills: readonly unknown[] };
}

interface ConversationState {
  readonly id: string;
  readonly participants: readonly ParticipantBody[];
  readonly recentTransfers: readonly {
    readonly transferType: string;
    readonly destination: { readonly userId?: string };
  }[];
}

function sessionsOf(participant: ParticipantBody): readonly (SessionBody & { media: Media })[] {
  const arrays = participant as unknown as Record<string, readonly SessionBody[] | undefined>;
  return mediaTypes.flatMap((media) =>
    (arrays[mediaPlural[media]] ?? []).map((session) => ({ ...session, media })),
  );
}

const told = live(centreOf({ rate: 20, seed: 3 }), 60_000);
const isWhole = /^v2\.(?:routing\.queues|users)\.\{id\}\.conversations$/u;
const states: readonly { readonly atMs: number; readonly state: ConversationState }[] = told
  .filter(({ topic }) => isWhole.test(templated(topic)))
  .map(({ atMs, body }) => ({ atMs, state: JSON.parse(body) as ConversationState }));
const histories = Map.groupBy(states, ({ state }) => state.id);
const ofKind = (kind: string): Told[] => told.filter(({ topic }) => templated(topic) === kind);

describe("a conversation", () => {
  test("goes forward only: nobody vanishes, no state goes back, no instant changes", () => {
    for (const history of histories.values()) {
      const known = new Map<string, SessionBody>();
      let participants = 0;
      for (const { state } of history) {
        expect(state.participants.length).toBeGreaterThanOrEqual(participants);
        participants = state.participants.length;
        for (const session of state.participants.flatMap(sessionsOf)) {
          const before = known.get(session.id);
          known.set(session.id, session);
          if (before === undefined) continue;
          assert(rank(session.state) >= rank(before.state), `${before.state} ${session.state}`);
          for (const field of ["connectedTime", "disconnectedTime", "disconnectType"] as const)
            assert(before[field] === undefined || before[field] === session[field], field);
        }
      }
    }
    expect(histories.size).toBeGreaterThan(500);
  });

  test("says of each session what its state says, and ends it at an instant", () => {
    for (const { state } of states)
      for (const participant of state.participants)
        for (const session of sessionsOf(participant)) {
          const isOver = session.state === "disconnected";
          expect(session.disconnectType !== undefined).toBe(isOver);
          expect(session.disconnectedTime !== undefined).toBe(isOver);
          assert(session.state !== "connected" || session.connectedTime !== undefined);
          assert(!session.held || session.state === "connected");
          expect(rank(session.state)).toBeGreaterThanOrEqual(rank(session.initialState));
          assert(participant.wrapup === undefined || participant.endAcwTime !== undefined);
        }
  });

  test("is told no more after everybody has left, but for after-call work", () => {
    for (const history of histories.values()) {
      const over = history.findIndex(({ state }) =>
        state.participants.every(({ endTime }) => endTime !== undefined),
      );
      if (over === -1) continue;
      const after = new Set(history.slice(over).map(({ state }) => withoutWrapup(state)));
      expect(after.size).toBe(1);
    }
  });

  test("ends with a wrap-up for each agent who spoke on behalf of a queue", () => {
    const finished = [...histories.values()]
      .map((history) => history.at(-1)?.state.participants ?? [])
      .filter((participants) =>
        participants.every((one) => one.endTime !== undefined && !isAtAfterCallWork(one)),
      );
    expect(finished.length).toBeGreaterThan(histories.size * 0.9);
    for (const agent of finished.flat()) {
      const spoke =
        agent.purpose === "agent" &&
        agent.queueId !== undefined &&
        sessionsOf(agent).some(({ connectedTime }) => connectedTime !== undefined);
      expect(agent.wrapup !== undefined).toBe(spoke);
    }
  });
});

describe("a detail event", () => {
  const details = Map.groupBy(
    told.filter(({ topic }) => topic.startsWith("v2.detail.events.conversation.")),
    ({ topic }) => topic.split(".")[4] ?? "",
  );

  test("comes in its place: the customer first, nothing after the customer but after-call work", () => {
    for (const [id, events] of details) {
      const names = events.map(nameOf);
      expect(names[0]).toBe("customer.start");
      const over = names.indexOf("customer.end");
      const after = over === -1 ? [] : names.slice(over + 1);
      expect(after.filter((name) => name !== "acw" && name !== "wrapup")).toEqual([]);
      for (const { atMs, body } of events)
        expect(JSON.parse(body)).toMatchObject({ eventTime: atMs, conversationId: id });
    }
    expect(details.size).toBeGreaterThan(500);
  });

  test.each(["acd", "user", "flow", "customer"])("of %s ends what began, once", (what) => {
    let ends = 0;
    for (const events of details.values()) {
      const open = new Set<string>();
      for (const event of events) {
        const { sessionId }: { sessionId: string } = JSON.parse(event.body);
        if (nameOf(event) === `${what}.start`) open.add(sessionId);
        if (nameOf(event) !== `${what}.end`) continue;
        assert(open.delete(sessionId), `${what} ${sessionId} ended without a beginning`);
        ends += 1;
      }
    }
    expect(ends).toBeGreaterThan(100);
  });

  test("of waiting says how it went: most are answered, some give up", () => {
    const outcomes = Map.groupBy(
      ofKind("v2.detail.events.conversation.{id}.acd.end"),
      ({ body }) => (JSON.parse(body) as { acdOutcome: string }).acdOutcome,
    );
    const crowded = live(centreOf({ rate: 50, queues: 2, agents: 5 }), 60_000);
    const gaveUp = crowded.filter(({ body }) => body.includes('"acdOutcome":"ABANDON"'));
    expect(gaveUp.length).toBeGreaterThan(10);
    expect(outcomes.get("ANSWERED")?.length).toBeGreaterThan(500);
  });
});

/** Something that happens in some conversation, in the words of its states. */
const paths: Readonly<Record<string, (state: ConversationState) => boolean>> = {
  "is answered": ({ participants }) => anySession(participants, "agent", isConnected),
  "is held": ({ participants }) => anySession(participants, "agent", ({ held }) => held),
  "comes back from an agent who does not answer": ({ participants }) =>
    anySession(participants, "agent", (its) => its.disconnectType === "transfer.noanswer"),
  "goes to another queue": ({ participants }) =>
    new Set(participants.flatMap((one) => (one.purpose === "acd" ? (one.queueId ?? []) : [])))
      .size > 1,
  "goes to another agent": ({ recentTransfers }) =>
    recentTransfers.some(
      (one) => one.transferType === "unattended" && one.destination.userId !== undefined,
    ),
  "goes to an agent who was consulted": ({ participants, recentTransfers }) =>
    recentTransfers.some(({ transferType }) => transferType === "attended") &&
    anySession(participants, "agent", (its) => its.disconnectType === "transfer.consult"),
  "goes on after an agent was consulted": ({ participants }) =>
    participants.some(
      ({ id, endTime }) =>
        endTime === undefined &&
        participants.some((one) => one.consultParticipantId === id && one.endTime !== undefined),
    ),
  "has two agents at once": ({ participants }) =>
    participants.filter((one) => one.purpose === "agent" && sessionsOf(one).some(isConnected))
      .length > 1,
  "is given up in the queue": ({ participants }) =>
    participants.every(({ purpose, endTime }) => purpose !== "agent" && endTime !== undefined) &&
    participants.some(({ purpose }) => purpose === "acd"),
  "is a callback that waits for its time": ({ participants }) =>
    anySession(participants, "acd", ({ state }) => state === "scheduled"),
  "is a callback that reaches its customer": ({ participants }) =>
    participants.some(
      ({ callbacks, calls }) => callbacks !== undefined && calls?.some(isConnected),
    ),
  "is a callback that does not": ({ participants }) =>
    anySession(participants, "customer", ({ disconnectType }) => disconnectType === "timeout"),
  "is dialled": ({ participants }) =>
    anySession(participants, "agent", ({ state }) => state === "contacting"),
  "has several messages": ({ participants }) =>
    anySession(participants, "customer", ({ messages }) => (messages?.length ?? 0) > 3),
  "has an answer by e-mail": ({ participants }) =>
    anySession(participants, "customer", ({ messagesSent }) => (messagesSent ?? 0) > 0),
  "gets a code and notes": ({ participants }) =>
    participants.some(({ wrapup }) => wrapup?.notes !== undefined),
  "gets no code": ({ participants }) =>
    participants.some(({ wrapup }) => wrapup?.code === "ININ-WRAP-UP-SKIPPED"),
  "gets no code in time": ({ participants }) =>
    participants.some(({ wrapup }) => wrapup?.code === "ININ-WRAP-UP-TIMEOUT"),
  "is an agent's own": ({ participants }) =>
    participants.some(({ purpose }) => purpose === "external"),
};

test.each(Object.entries(paths))("some conversation %s", (_, holds) => {
  expect(states.some(({ state }) => holds(state))).toBe(true);
});

test("some caller gives up in the menu, and never reaches a queue", () => {
  const ends = ofKind("v2.detail.events.conversation.{id}.flow.end")
    .map(({ body }) => JSON.parse(body) as { exitReason: string; conversationId: string })
    .filter(({ exitReason }) => exitReason === "DISCONNECT");
  expect(ends.length).toBeGreaterThan(5);
  for (const { conversationId } of ends) expect(histories.has(conversationId)).toBe(false);
});

test("skills are asked for, and given up when nobody with them is found in time", () => {
  let [kept, givenUp] = [0, 0];
  for (const history of histories.values()) {
    const wanted = history.map(({ state }) =>
      state.participants
        .filter(({ purpose }) => purpose === "acd")
        .map((one) => one.conversationRoutingData?.skills.length ?? 0),
    );
    const [first] = wanted;
    if (first?.[0] !== 1) continue;
    if (wanted.at(-1)?.[0] === 0) givenUp += 1;
    else kept += 1;
  }
  expect(kept).toBeGreaterThan(50);
  expect(givenUp).toBeGreaterThan(5);
});

describe("an agent", () => {
  test("has one medium at a time, and of it no more than is due", () => {
    const centre = centreOf({ rate: 50, seed: 5 });
    const most: Record<Media, number> = { call: 0, callback: 0, chat: 0, email: 0, message: 0 };
    for (let step = 0; step < 40_000; step += 1) {
      centre.step(() => undefined);
      for (const { parts } of centre.records.people) {
        const [first] = parts;
        if (first === undefined) continue;
        const { media } = first.conversation;
        assert(parts.every(({ conversation }) => conversation.media === media));
        most[media] = Math.max(most[media], parts.length);
      }
    }
    expect(most).toMatchObject({ call: 1, callback: 1, email: 1 });
    expect(most.message).toBeGreaterThan(1);
    expect(most.message).toBeLessThanOrEqual(capacity.message);
    expect(most.chat).toBeLessThanOrEqual(capacity.chat);
  });

  test.each(["flat", "day"] as const)("is what the routing status says (%s)", (rhythm) => {
    const centre = centreOf({ rate: 50, rhythm });
    const seen = new Set<string>();
    const wrong: Person[] = [];
    for (let step = 0; step < 40_000; step += 1) {
      centre.step(() => undefined);
      for (const person of centre.records.people) {
        seen.add(person.routing);
        if (!isTrue(person)) wrong.push(person);
      }
    }
    expect(wrong).toEqual([]);
    expect(seen.size).toBe(5);
  });
});

test("an agent whose break has come is offered nothing more", () => {
  const centre = centreOf({ rate: 20, rhythm: "day", seed: 2 });
  const before = new Map<Person, number>();
  let waiting = 0;
  const wrong: Person[] = [];
  for (let step = 0; step < 150_000; step += 1) {
    centre.step(() => undefined);
    for (const person of centre.records.people) {
      if (person.wanted === person.presence) {
        before.delete(person);
        continue;
      }
      const parts = before.get(person) ?? person.parts.length;
      if (person.parts.length > parts) wrong.push(person);
      if (!before.has(person)) waiting += 1;
      before.set(person, person.parts.length);
    }
  }
  expect(wrong).toEqual([]);
  expect(waiting).toBeGreaterThan(10);
});

describe("a transcript", () => {
  interface Message {
    readonly transcripts?: readonly {
      readonly utteranceId: string;
      readonly isFinal: boolean;
      readonly channel: string;
    }[];
    readonly status?: { readonly status: string };
  }
  const calls = Map.groupBy(ofKind("v2.conversations.{id}.transcription"), ({ body }) => {
    const { communicationId }: { communicationId: string } = JSON.parse(body);
    return communicationId;
  });

  test("begins empty, guesses before it is sure, and ends", () => {
    const channels = new Set<string>();
    let ended = 0;
    for (const messages of calls.values()) {
      const read = messages.map(({ body }): Message => JSON.parse(body));
      expect(read[0]).toMatchObject({ status: { status: "SESSION_ONGOING" } });
      expect(read[0]?.transcripts).toBeUndefined();
      const guessed = new Set<string>();
      for (const { utteranceId, isFinal, channel } of read.flatMap(
        (one) => one.transcripts ?? [],
      )) {
        channels.add(channel);
        expect(guessed.has(utteranceId)).toBe(isFinal);
        if (isFinal) guessed.delete(utteranceId);
        else guessed.add(utteranceId);
      }
      const end = read.findIndex(({ status }) => status?.status === "SESSION_ENDED");
      if (end === -1) continue;
      expect(end).toBe(read.length - 1);
      ended += 1;
    }
    expect([...channels].sort()).toEqual(["EXTERNAL", "INTERNAL"]);
    expect(ended).toBeGreaterThan(calls.size * 0.8);
  });
});

function isTrue({ presence, routing, parts }: Person): boolean {
  switch (routing) {
    case "OFF_QUEUE":
      return presence !== "ON_QUEUE" && parts.length === 0;
    case "IDLE":
      return presence === "ON_QUEUE" && !parts.some(speaks);
    case "INTERACTING":
      return presence === "ON_QUEUE" && parts.some(speaks);
    case "NOT_RESPONDING":
      return presence === "ON_QUEUE" && parts.length === 0;
    case "COMMUNICATING":
      return parts[0]?.participant.purpose === "user";
    default:
      return routing satisfies never;
  }
}

function speaks({ participant: { purpose, sessions } }: Part): boolean {
  return purpose === "agent" && sessions[0].connectedMs !== undefined;
}

function nameOf({ topic }: Told): string {
  return topic.split(".").slice(5).join(".");
}

function rank(state: SessionState): number {
  return sessionStates.indexOf(state);
}

function isConnected({ state }: SessionBody): boolean {
  return state === "connected";
}

function anySession(
  participants: readonly ParticipantBody[],
  purpose: string,
  holds: (session: SessionBody) => boolean,
): boolean {
  return participants.some((one) => one.purpose === purpose && sessionsOf(one).some(holds));
}

function isAtAfterCallWork({ startAcwTime, endAcwTime }: ParticipantBody): boolean {
  return startAcwTime !== undefined && endAcwTime === undefined;
}

/** What may not change any more. */
function withoutWrapup(state: ConversationState): string {
  return JSON.stringify(state, (key, value: unknown) =>
    /wrapup|acw|afterCallWork/iu.test(key) ? undefined : value,
  );
}
