/** What the gateway benchmark tells: a conversation of a queue, in a frame of 682 bytes as in the other benchmarks. */
import { randomUUID } from "node:crypto";

export const socketsMax = 5_000;
/** Each event is for one of so many groups of sockets. */
export const groups = 10;
const frameBytes = 682;

export interface Told {
  readonly queueId: string;
  readonly conversationId: string;
  readonly topic: string;
  readonly frame: string;
}

export function toldOf(queueId: string): Told {
  const conversationId = randomUUID();
  const topic = `v2.routing.queues.${queueId}.conversations`;
  const head = `{"topicName":"${topic}","version":"2","eventBody":{"id":"${conversationId}","participants":[{"id":"${randomUUID()}","purpose":"customer","state":"connected","direction":"inbound","mediaType":"voice","queueId":"${queueId}","attributes":{"note":"`;
  const tail = `"}}]},"metadata":{"CorrelationId":"${randomUUID()}"}}`;
  return {
    queueId,
    conversationId,
    topic,
    frame: `${head.padEnd(frameBytes - tail.length, ".")}${tail}`,
  };
}
