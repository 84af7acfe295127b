/** The road to the service, for REST and sockets alike: proxies from the environment, certificate authorities, names of failures. */
import type { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import tls from "node:tls";
import { X509Certificate } from "node:crypto";
import { TrunklineError } from "../errors.ts";

/**
 * `import` of node:http evaluates its lazy export `WebSocket` and with it all of undici, 10 MB that
 * nobody here uses; this does not.
 */
export const http = process.getBuiltinModule("node:http");

export interface Road {
  readonly agent: (url: URL) => HttpAgent;
  readonly close: () => void;
}

/** Connections to one host that may be open at a time; 20 lines confirm their topics at once. */
const socketsMax = 32;

/** @param ca certificate authorities in PEM, besides the usual ones */
export function createRoad(ca: string | undefined, env: NodeJS.ProcessEnv = process.env): Road {
  // HTTPS_PROXY, HTTP_PROXY, NO_PROXY; the runtime knows proxyEnv from 22.21 and 24.5 on.
  const common = { keepAlive: true, maxSockets: socketsMax, proxyEnv: env };
  const authorities = ca === undefined ? {} : { ca: [...usualAuthorities(), checkedAuthority(ca)] };
  const plain = new http.Agent(common);
  const secure = new HttpsAgent({ ...common, ...authorities });
  return {
    agent: (url) => (url.protocol === "https:" || url.protocol === "wss:" ? secure : plain),
    close: () => {
      plain.destroy();
      secure.destroy();
    },
  };
}

/** Those that the runtime would trust by itself, NODE_EXTRA_CA_CERTS and the system's included. */
function usualAuthorities(): readonly string[] {
  // The runtime knows this call from 22.15 on.
  return tls.getCACertificates?.("default") ?? tls.rootCertificates;
}

function checkedAuthority(ca: string): string {
  try {
    void new X509Certificate(ca);
    return ca;
  } catch (cause) {
    throw new TrunklineError("OPTION_INVALID", "The option ca holds no certificate in PEM.", {
      cause,
    });
  }
}

const untrusted =
  /^(CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|ERR_TLS_CERT|HOSTNAME_MISMATCH|ERR_SSL)/;

const words: Readonly<Record<string, string>> = {
  ENOTFOUND: "the name does not resolve",
  EAI_AGAIN: "the name server does not answer",
  ECONNREFUSED: "the connection was refused: nothing listens there",
  ECONNRESET: "the connection was reset",
  EPIPE: "the connection was reset",
  ETIMEDOUT: "no answer to the connection attempt",
  EHOSTUNREACH: "there is no route to the host",
  ENETUNREACH: "there is no route to the network",
};

/** What a network error says to a person. */
export function networkDetail(error: unknown): {
  readonly detail: string;
  readonly isTrust: boolean;
} {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (code === undefined) return { detail: message, isTrust: false };
  const isTrust = untrusted.test(code);
  return {
    detail: isTrust ? `${message} (${code})` : `${words[code] ?? message} (${code})`,
    isTrust,
  };
}

export function networkError(error: unknown, url: URL): TrunklineError {
  const { detail, isTrust } = networkDetail(error);
  const code = isTrust ? "TLS_UNTRUSTED" : "UNREACHABLE";
  return new TrunklineError(code, `${url.origin}: ${detail}.`, { cause: error });
}

/** Happy eyeballs reports several failures as one AggregateError: the first one speaks. */
function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}
