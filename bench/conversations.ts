/**
 * Frames of conversations as a contact centre sends them: 40 conversations of a customer, a queue and an agent, each told by
 * five snapshots of some 3 kB, and each snapshot by the topics of the queue, of the agent and of who listens in.
 */
import { randomUUID } from "node:crypto";

const conversations = 40;
const steps = 5;
const startMs = Date.UTC(2026, 0, 5, 8);

/** Snapshot by snapshot, in the order in which they would come. */
export function conversationFrames(): readonly string[] {
  const queueId = randomUUID();
  const [agentId, listenerId] = [randomUUID(), randomUUID()];
  const topics = [
    `v2.routing.queues.${queueId}.conversations`,
    `v2.users.${agentId}.conversations`,
    `v2.users.${listenerId}.conversations`,
  ];
  const tellers = Array.from({ length: conversations }, () => tellerOf(queueId, agentId));
  return Array.from({ length: steps }, (_, step) =>
    tellers.flatMap((tell) => {
      const body = JSON.stringify(tell(step));
      return topics.map(
        (topic) =>
          `{"topicName":"${topic}","version":"2","eventBody":${body},"metadata":{"CorrelationId":"${randomUUID()}"}}`,
      );
    }),
  ).flat();
}

/** One conversation: what is said of it after so many steps. */
function tellerOf(queueId: string, agentId: string): (step: number) => object {
  const id = randomUUID();
  const people = ["customer", "acd", "agent", "agent"].map((purpose, index) => ({
    id: randomUUID(),
    sessionId: randomUUID(),
    purpose,
    index,
  }));
  return (step) => ({
    id,
    participants: people.map(({ id: participantId, sessionId, purpose, index }) => {
      const hasLeft = step > index + 1;
      const connectedTime = timeOf(index);
      return {
        id: participantId,
        connectedTime,
        ...(hasLeft ? { endTime: timeOf(step) } : {}),
        name: `Somebody ${index}`,
        queueId,
        ...(purpose === "agent" ? { userId: agentId } : {}),
        purpose,
        address: "tel:+4930123456",
        wrapupRequired: purpose === "agent",
        wrapupExpected: purpose === "agent",
        wrapupTimeoutMs: 30_000,
        attributes: { "context.topic": "billing", "context.language": "de-DE" },
        calls: [
          {
            id: sessionId,
            state: hasLeft ? "disconnected" : "connected",
            initialState: "alerting",
            direction: "inbound",
            recording: false,
            recordingState: "none",
            muted: false,
            confined: false,
            held: false,
            provider: "Edge",
            peerId: participantId,
            connectedTime,
            self: { addressNormalized: "sip:desk@example.com", addressRaw: "sip:desk@example.com" },
            other: { name: "Berlin, Germany", addressNormalized: "+4930123456" },
          },
        ],
      };
    }),
    otherMediaUris: [],
    recentTransfers: [],
  });
}

function timeOf(second: number): string {
  return new Date(startMs + second * 1_000).toISOString();
}
