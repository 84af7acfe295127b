/** Under which name the journal keeps the place of a sink, so that other consumers may have any name. */
const prefix = "sink:";

export function consumerOf(sink: string): string {
  return `${prefix}${sink}`;
}

/** The sink of a consumer; undefined for a consumer of another kind. */
export function sinkOf(consumer: string): string | undefined {
  return consumer.startsWith(prefix) ? consumer.slice(prefix.length) : undefined;
}
