/**
 * Commands over the socket (GENESYS.md 4.4; 8, no. 5). `result` is a string.
 */
import type { Channel, Channels } from "./channels.ts";
import type { Settings } from "./settings.ts";
import { subscribe, unsubscribe } from "./subscriptions.ts";

/** The answer, or undefined for a message that is no command: it is tolerated. */
export function inBand(
  channels: Channels,
  channel: Channel,
  message: object,
  settings: Settings,
  nowMs: number,
): object | undefined {
  if (!("message" in message)) return undefined;
  const command = message.message;
  if (command !== "subscribe" && command !== "unsubscribe") return undefined;
  const correlation =
    "correlationId" in message && typeof message.correlationId === "string"
      ? { correlationId: message.correlationId }
      : {};
  // The channel has expired, was displaced by the quota, or its token is dead.
  if (!channel.alive || channel.token.state !== "live")
    return { result: "404", message: "The channel was not found.", ...correlation };
  const failure = (text: string): object => ({
    result: "400",
    status: "failure",
    message: text,
    ...correlation,
  });
  const topics: unknown = "topics" in message ? message.topics : undefined;
  if (!Array.isArray(topics) || !topics.every((topic) => typeof topic === "string"))
    return failure("topics must be an array of strings");

  if (command === "unsubscribe") {
    unsubscribe(channels, channel, topics);
    channel.lastUsedAtMs = nowMs;
    return { result: "200", status: "unsubscribed", ...correlation };
  }
  const outcome = subscribe(channels, channel, topics, {
    mode: settings.inBandSubscribe === "adds" ? "add" : "replace",
    ignoreErrors: false,
    renews: settings.inBandSubscribeRenews,
    settings,
    nowMs,
  });
  if (outcome.kind === "refused") return failure(outcome.refusal.message);
  return { result: "200", status: "subscribed", ...correlation };
}
