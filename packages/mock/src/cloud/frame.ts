/** A notification frame around a raw body (GENESYS.md 4.6): the body is written once, however many channels get it. */
export function frameOf(topic: string, bodyJson: string, correlationId: string): string {
  return `{"topicName":${JSON.stringify(topic)},"version":"2","eventBody":${bodyJson},"metadata":{"CorrelationId":"${correlationId}"}}`;
}
