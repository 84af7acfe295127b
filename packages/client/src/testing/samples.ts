/** Things that tests need again and again. */
import type { Channel } from "../rest/channel.ts";
import type { Token } from "../rest/tokens.ts";
import { Secret } from "../secret.ts";

export const token: Token = {
  secret: new Secret("token", "token-1"),
  madeAtMs: 0,
  lifeMs: 86_400_000,
};

export function sampleChannel(id: string): Channel {
  return {
    id: new Secret("channel", id),
    connectUri: new Secret("connectUri", `wss://streaming.example/channels/${id}`),
    token,
    expiresAtMs: 86_400_000,
    lifeMs: 86_400_000,
    madeWith: token,
  };
}

/** A random identifier of the service's kind, the same for the same number. */
export function uuid(number: number): string {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`;
}
