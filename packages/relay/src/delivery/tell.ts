/** Puts a change of state into the log: one line each, with its code and the remedy. */
import type { Log } from "../ports.ts";
import type { News } from "./state.ts";

export function tell(log: Log, sink: string, news: News): void {
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
