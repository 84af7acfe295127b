/** `v2.subscription.updated`: the topics of a channel are others now (GENESYS.md 4.5; 8, no. 19). */
import type { Channel } from "./channels.ts";
import type { Settings } from "./settings.ts";
import type { Sockets } from "./sockets.ts";

const topic = "v2.subscription.updated";

/** The fields are those of its model; that `data` counts the topics is ours. */
export function topicsChanged(channel: Channel, sockets: Sockets, settings: Settings): void {
  const wanted =
    settings.subscriptionUpdated === "unasked" ||
    (settings.subscriptionUpdated === "subscribed" && channel.names.has(topic));
  if (!wanted) return;
  for (const socket of channel.sockets.slice())
    sockets.notice(socket, topic, {
      systemTopicType: "subscription_changed",
      message: "The subscriptions of this channel were changed.",
      data: { topics: channel.subscriptions.size },
    });
}
