/** The backend that reads from a relay's gateway: durable, resumable, from anywhere. */
import { webPorts } from "../../platform/web.ts";
import type { Backend } from "../backend.ts";
import { SubscriberError } from "../errors.ts";
import type { SubscriberPorts } from "../ports.ts";
import { clientTokens, type TokenSource } from "../tokens.ts";
import { GatewayFlow } from "./flow.ts";
import { defaultPolicy, type GatewayPolicy } from "./policy.ts";

/** Which gateway, and how to get in. */
export interface GatewayOptions {
  /** Of the relay, such as `https://relay.example`; or the whole address of a socket on it. */
  readonly url: string;
  /**
   * How to get in: a client of the gateway, whose tokens are got from the relay's `/oauth/token`; a token source, shared
   * with others; or a token that is there already, and lasts as long as it lasts.
   */
  readonly access:
    | { readonly clientId: string; readonly clientSecret: string }
    | TokenSource
    | string;
  /** Waits and bounds, where the defaults do not fit. */
  readonly policy?: Partial<GatewayPolicy>;
  /** By default those of this machine. */
  readonly ports?: SubscriberPorts;
}

const socketPath = "/api/v2/analytics/events";

/**
 * Subscribes at the gateway of a relay. It connects again by itself, with full jitter and a limit on attempts, renews its
 * token ahead of its end on the same socket, and goes on after the last cursor: each event comes once, in order, or a gap says
 * what is missing.
 * @throws SubscriberError OPTION_INVALID
 */
export function gateway(options: GatewayOptions): Backend {
  const { access, ports = webPorts } = options;
  const base = readUrl(options.url);
  const policy = { ...defaultPolicy, ...options.policy };
  const tokens = readAccess(access, base, ports);
  return {
    source: base.href,
    open: (request, tell) => {
      const socketUrl = new URL(base);
      if (request.consumer !== undefined) socketUrl.searchParams.set("consumer", request.consumer);
      const flow = new GatewayFlow({
        request,
        socketUrl: socketUrl.href,
        tokens,
        policy,
        ports,
        tell,
      });
      flow.start();
      return flow;
    },
  };
}

/** The address of the socket. */
function readUrl(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new SubscriberError("OPTION_INVALID", "url is no URL.", {
      help: "Write the address of the relay, such as https://relay.example.",
    });
  }
  const protocol = /^(?:http|ws)(?<secure>s?):$/u.exec(url.protocol);
  if (protocol === null)
    throw new SubscriberError(
      "OPTION_INVALID",
      `url begins with ${url.protocol}, not with https:.`,
    );
  if (url.username !== "" || url.password !== "" || url.searchParams.has("access_token"))
    throw new SubscriberError("OPTION_INVALID", "url has a secret in it, and URLs are logged.", {
      help: "Leave it out of url, and give it as access.",
    });
  url.protocol = `ws${protocol.groups?.["secure"] ?? ""}:`;
  if (url.pathname === "/") url.pathname = socketPath;
  url.hash = "";
  return url;
}

function readAccess(
  access: GatewayOptions["access"],
  { protocol, host }: URL,
  ports: SubscriberPorts,
): TokenSource {
  if (typeof access === "string") return fixedToken(access);
  if (!("clientId" in access)) return access;
  const tokenUrl = `${protocol.replace("ws", "http")}//${host}/oauth/token`;
  return clientTokens({ tokenUrl, ...access }, ports);
}

/** There is no other than this one. */
function fixedToken(token: string): TokenSource {
  return {
    token: async (not) => {
      if (not !== token) return token;
      throw new SubscriberError(
        "TOKEN_EXPIRED",
        "The token is over, and there is no way to get another.",
        {
          help: "Give clientId and clientSecret as access, or a token source.",
        },
      );
    },
  };
}
