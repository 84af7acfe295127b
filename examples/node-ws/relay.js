/** The relay as both ways of reading need it: requests, refusals, tokens. */

const {
  TRUNKLINE_URL: url = "http://127.0.0.1:8484",
  TRUNKLINE_CLIENT_ID: clientId = "",
  TRUNKLINE_CLIENT_SECRET: clientSecret = "",
} = process.env;

/** Heartbeats come every 15 s: a connection without any for so long is dead, though nobody has said so. */
export const silenceMs = 45_000;

/** For so long an answer is waited for. */
export const answerMs = 10_000;

/** What may be better in a while. Everything else that is refused is refused again, until somebody mends it. */
const temporary = [
  "TOKEN_EXPIRED",
  "SILENT",
  "SHUTTING_DOWN",
  "UNAVAILABLE",
  "TOO_FAST",
  "CONNECTIONS_FULL",
];

/** The relay has said no, and why. */
export class Refused extends Error {
  /** @param refusal an `error` message, or the body of an HTTP answer: they have the same fields */
  constructor({ code, message, help, retryAfterMs }) {
    super(`${code}: ${message} ${help}`);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
    this.isTemporary = temporary.includes(code);
  }
}

/** The error that an answer over HTTP stands for. */
export function errorOf(status, body) {
  try {
    return new Refused(JSON.parse(body));
  } catch {
    // Something between us and the relay has answered in its stead: a proxy, a load balancer.
    return new Error(`HTTP ${status}: ${body.slice(0, 200)}`);
  }
}

export const addressOf = (path) => new URL(path, url);

/** Asks the relay, and gives its answer as JSON. */
export async function ask(path, request) {
  const signal = AbortSignal.timeout(answerMs);
  const response = await fetch(addressOf(path), { ...request, signal });
  if (!response.ok) throw errorOf(response.status, await response.text());
  return response.json();
}

/** A new token, and for how long to use it: in the last fifth of its life there is time to get another. */
export async function newToken() {
  const { access_token: token, expires_in: lifeS } = await ask("/oauth/token", {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
    }),
  });
  return { token, useMs: lifeS * 800 };
}

/** Says what a message tells that is no event. */
export function tell({ type, from, to, cause, message, help = "", inMs }) {
  // Events may be missing in here: whoever keeps a state asks Genesys Cloud for it again.
  if (type === "gap") console.error(`gap from ${from} to ${to ?? "now"} (${cause}): ${message}`);
  if (type === "notice") console.error(`notice: ${message} ${help}`);
  // The error SHUTTING_DOWN follows, and says when to come again.
  if (type === "closing") console.error(`closing in ${inMs} ms: ${message}`);
}
