/** What the end of a token does to the channels made with it (GENESYS.md 8, no. 4): every answer is a setting. */
import type { Channels } from "./channels.ts";
import type { LedgerBook } from "./ledger.ts";
import type { Settings } from "./settings.ts";
import type { Sockets } from "./sockets.ts";
import type { Token } from "./tokens.ts";

export function tokenDied(
  token: Token,
  nowMs: number,
  ports: {
    readonly channels: Channels;
    readonly sockets: Sockets;
    readonly ledger: LedgerBook;
    readonly settings: Settings;
  },
): void {
  const { channels, sockets, ledger, settings } = ports;
  const revoked = token.state === "revoked";
  ledger.note({
    atMs: nowMs,
    what: `token-${token.state}`,
    clientId: token.client.clientId,
    detail: String(token.tokenId),
  });
  const effect = revoked ? settings.tokenRevocation : settings.tokenExpiry;
  for (const channel of channels.ofClient(token.client)) {
    if (channel.token !== token) continue;
    for (const socket of channel.sockets.slice()) {
      if (revoked && settings.tokenRevokedNotice)
        sockets.notice(socket, `v2.system.token_revoked.${channel.id}`, {
          systemTopicType: "token_revoked",
          reason: "user_tokens_revoked",
          message: "The token that made this channel was revoked.",
        });
      if (effect === "closes-sockets")
        sockets.end(socket, settings.tokenDeathSocket, "token", nowMs);
    }
    if (effect === "kills-channels") channels.remove(channel, "token", nowMs);
  }
}
