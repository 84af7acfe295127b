/** Puts a change of state into the log: one line each, with its code and the remedy. */
import type { Log } from "../ports.ts";
import type { News } from "./state.ts";

export function tell(log: Log, sink: string, news: News): void {
  if (news.kind === "refused") {
    const help = `trunkline sinks dead-letters ${sink} shows what it refused and why; replay gives it again.`;
    // Not the reason: an answer of the destination may repeat what it was sent.
    log.warn(
      { sink, code: "DEAD_LETTERS", help, cursor: news.cursor },
      `The sink ${sink} has refused an entry for good; it is kept as a dead letter.`,
    );
    return;
  }
  const { code, help, message } = news.error;
  switch (news.kind) {
    case "trouble":
      log.warn(
        { sink, code, help, retryInMs: Math.round(news.retryInMs) },
        `The sink ${sink} takes nothing, and is tried again: ${message}`,
      );
      return;
    case "recovered":
      log.info({ sink, after: code }, `The sink ${sink} takes entries again.`);
      return;
    case "halted":
      log.error({ sink, code, help }, `The sink ${sink} is halted: ${message}`);
      return;
    default:
      return news satisfies never;
  }
}
