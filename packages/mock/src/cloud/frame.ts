/** How text becomes bytes when it is not a text frame in UTF-8: one byte a character in a text frame, or a binary frame. */
export type FrameForm = "latin1" | "binary";

/** One frame on its way out. */
export interface Frame {
  readonly text: string;
  /** Of an event; every other frame has none. */
  readonly topic?: string;
  readonly form?: FrameForm;
}

/** A notification frame around a raw body (GENESYS.md 4.6): the body is written once, however many channels get it. */
export function frameOf(topic: string, bodyJson: string, correlationId: string): string {
  return `{"topicName":${JSON.stringify(topic)},"version":"2","eventBody":${bodyJson},"metadata":{"CorrelationId":"${correlationId}"}}`;
}
