/** An agent with a customer: what happens between answer and wrap-up. */
import { consult } from "./consult.ts";
import { heldMs, hold, leave, unhold, type DisconnectType, type Session } from "./conversation.ts";
import { skippedCode, timedOutCode } from "./shared-fields.ts";
import { dial } from "./dialling.ts";
import { write } from "./exchanges.ts";
import type { Leg } from "./floor.ts";
import { exactly, within } from "./life.ts";
import { talkMs } from "./pace.ts";
import { hasRoom } from "./staff.ts";
import type { Ports, Serving, Talk } from "./talk.ts";
import { transcribe } from "./transcripts.ts";
import { wrapupTimeoutMs } from "./world.ts";

const holdMs = 30_000;
const afterCallWorkMs = 40_000;
const holdChance = 0.3;
const consultChance = 0.06;
const transcribedShare = 0.2;
const transferToQueueChance = 0.06;
const transferToAgentChance = 0.03;
const customerEndsChance = 0.6;
/** After-call work that is not ended with a code, where the queue allows it. */
const noCodeChance = 0.3;
const notesChance = 0.25;
const notes = ["Customer will call back.", "Sent the document again.", "Solved at first contact."];

export class Service implements Serving {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  begin(leg: Leg, nowMs: number): void {
    if (leg.conversation.media === "callback") dial(this.#ports, this, leg, nowMs);
    else this.talk(leg, leg.agent.sessions[0], nowMs);
  }

  talk(leg: Leg, session: Session, nowMs: number): void {
    const { life } = this.#ports;
    const { dice, deadlines } = life;
    const durationMs = within(life, talkMs[leg.conversation.media]);
    const end = deadlines.set(nowMs + durationMs, (dueMs) => this.finish(talk, dueMs));
    const talk: Talk = { ...leg, session, end };
    if (session.media !== "call") return write(this.#ports, talk, nowMs);
    if (dice.chance(transcribedShare)) transcribe(this.#ports, talk, nowMs);
    if (leg.agent.sessions.length === 1 && dice.chance(consultChance))
      return consult(this.#ports, this, talk, nowMs + Math.ceil(durationMs / 3));
    if (dice.chance(holdChance)) this.#hold(talk, nowMs, durationMs);
  }

  #hold(talk: Talk, nowMs: number, durationMs: number): void {
    const { life, announcer } = this.#ports;
    const { dice, deadlines } = life;
    const { conversation, agent, session } = talk;
    const fromMs = nowMs + Math.floor(durationMs * (0.2 + dice.unit() * 0.4));
    const forMs = Math.min(within(life, holdMs), Math.floor((talk.end.atMs - fromMs) / 2));
    if (forMs < 1) return;
    deadlines.set(fromMs, (dueMs) => {
      hold(session, dueMs);
      announcer.state(conversation);
      announcer.agentState(conversation, agent, "HOLD", dueMs, session);
    });
    deadlines.set(fromMs + forMs, (dueMs) => {
      unhold(session, dueMs);
      announcer.state(conversation);
      announcer.agentState(conversation, agent, "INTERACT", dueMs, session);
    });
  }

  finish(talk: Talk, nowMs: number): void {
    const { life, floor, staff } = this.#ports;
    const { conversation, desk, agent } = talk;
    const { dice } = life;
    const chance = dice.unit();
    if (conversation.media !== "callback") {
      if (chance < transferToQueueChance) {
        const next = floor.anyDesk(conversation.media);
        this.depart(talk, talk.session, "transfer", nowMs);
        this.#noteTransfer(talk, nowMs, { toQueueId: next.queue.id });
        floor.enqueue(conversation, next, nowMs, agent);
        return;
      }
      const another =
        chance < transferToQueueChance + transferToAgentChance
          ? staff.anybody((person) => hasRoom(person, conversation.media))
          : undefined;
      if (another !== undefined) {
        this.depart(talk, talk.session, "transfer", nowMs);
        this.#noteTransfer(talk, nowMs, { toUserId: another.agent.id });
        floor.hand(conversation, desk, another, nowMs);
        return;
      }
    }
    const itself = talk.session.media === "call" ? "endpoint" : "client";
    const customerEnds = dice.chance(customerEndsChance);
    this.#part(
      talk,
      talk.session,
      nowMs,
      customerEnds ? itself : "peer",
      customerEnds ? "peer" : "client",
    );
  }

  /** Customer and agent leave each other. */
  #part(
    leg: Leg,
    session: Session,
    nowMs: number,
    customerHow: DisconnectType,
    agentHow: DisconnectType,
  ): void {
    const { floor, announcer } = this.#ports;
    const { conversation, agent } = leg;
    const [customer] = conversation.participants;
    if (customer !== undefined) leave(customer, nowMs, customerHow);
    this.depart(leg, session, agentHow, nowMs);
    announcer.state(conversation, agent);
    floor.customerLeft(conversation, nowMs);
  }

  /** The customer did not pick up: nothing was said. */
  unreached(leg: Leg, session: Session, nowMs: number): void {
    this.#part(leg, session, nowMs, "timeout", "client");
  }

  #noteTransfer(
    { conversation, person }: Leg,
    atMs: number,
    to: { readonly toUserId?: string; readonly toQueueId?: string },
  ): void {
    conversation.transfers.push({
      id: this.#ports.life.dice.uuid(),
      atMs,
      byUserId: person.agent.id,
      toUserId: to.toUserId,
      toQueueId: to.toQueueId,
      transferType: "unattended",
    });
  }

  /** The agent leaves, and after-call work begins. */
  depart(leg: Leg, session: Session, how: DisconnectType, nowMs: number): void {
    const { life, floor, announcer, performance } = this.#ports;
    const { conversation, desk, person, agent } = leg;
    const { media } = conversation;
    const [{ connectedMs = nowMs }] = agent.sessions;
    leave(agent, nowMs, how);
    const counts = desk.countsOf(media);
    counts.now.oInteracting -= 1;
    const held = heldMs(session);
    counts.add("tTalk", nowMs - connectedMs - held, nowMs);
    performance.add(person, media, "tTalk", nowMs - connectedMs - held, nowMs);
    if (held > 0) performance.add(person, media, "tHeld", held, nowMs);
    agent.startAcwMs = nowMs;
    floor.userEnd(leg, nowMs);
    announcer.agentState(conversation, agent, "WRAPUP", nowMs);
    announcer.summary(person);
    desk.observe(nowMs);
    const code = this.#chooseCode(leg);
    const forMs =
      code === timedOutCode
        ? exactly(life, wrapupTimeoutMs)
        : Math.min(within(life, afterCallWorkMs), exactly(life, wrapupTimeoutMs));
    life.deadlines.set(nowMs + forMs, (dueMs) => this.#wrapUp(leg, code, dueMs));
  }

  #chooseCode({ desk }: Leg): string {
    const { dice, world } = this.#ports.life;
    const code = dice.pick(world.wrapUpCodes).id;
    const { wrapupPrompt } = desk.queue;
    if (wrapupPrompt === "mandatory" || !dice.chance(noCodeChance)) return code;
    return wrapupPrompt === "optional" ? skippedCode : timedOutCode;
  }

  #wrapUp(leg: Leg, code: string, nowMs: number): void {
    const { life, floor, announcer, staff, performance } = this.#ports;
    const { conversation, desk, person, agent, part } = leg;
    const { media } = conversation;
    const startMs = agent.startAcwMs ?? nowMs;
    const wrapupDurationMs = nowMs - startMs;
    const isOwn = code !== skippedCode && code !== timedOutCode;
    agent.endAcwMs = nowMs;
    agent.wrapup = {
      code,
      notes: isOwn && life.dice.chance(notesChance) ? life.dice.pick(notes) : undefined,
      durationSeconds: Math.round(wrapupDurationMs / 1000),
      endMs: nowMs,
    };
    const { notes: wrapupNotes } = agent.wrapup;
    const counts = desk.countsOf(media);
    counts.add("tAcw", wrapupDurationMs, nowMs);
    counts.add("tHandle", nowMs - (agent.sessions[0].connectedMs ?? nowMs), nowMs);
    performance.add(person, media, "tAcw", wrapupDurationMs, nowMs);
    performance.add(
      person,
      media,
      "tHandle",
      nowMs - (agent.sessions[0].connectedMs ?? nowMs),
      nowMs,
    );
    announcer.state(conversation, agent);
    const fields = { queueId: desk.queue.id, wrapupCode: code, wrapupNotes, wrapupDurationMs };
    announcer.detail("acw", conversation, agent, nowMs, () => ({
      ...fields,
      userId: person.agent.id,
    }));
    if (code !== skippedCode) announcer.detail("wrapup", conversation, agent, nowMs, () => fields);
    announcer.agentState(conversation, agent, "TERMINATED", nowMs);
    performance.tell(person, media, nowMs);
    staff.release(person, part, nowMs);
    announcer.summary(person);
    floor.closeIfOver(conversation);
  }
}
