/** The one error class of this package and the one table of its codes. */

/** What the library does about an error: nothing, try again with backoff, or try again after a stated wait. */
export type Retry = "never" | "backoff" | "after";

const codes = {
  OPTION_INVALID: {
    retry: "never",
    help: "Correct the option that the message names.",
  },
  REGION_UNKNOWN: {
    retry: "never",
    help: "Name the region by its AWS name (eu-central-1) or its domain (mypurecloud.de), or give a base URL.",
  },
  CREDENTIALS_MISSING: {
    retry: "never",
    help: "Give clientId and clientSecret of an OAuth client with the Client Credentials grant, or a token provider.",
  },
  CREDENTIALS_REFUSED: {
    retry: "never",
    help: "Check client id, client secret and region: a client exists in one region only. In Genesys Cloud: Admin > Integrations > OAuth, grant type Client Credentials, state active.",
  },
  TOKEN_REFUSED: {
    retry: "never",
    help: "The access token was refused although it had just been issued: check that it is of this organisation and region and has not been revoked.",
  },
  TOKEN_PROVIDER_FAILED: {
    retry: "backoff",
    help: "The token provider that you passed rejected or returned something else than a token: see the cause.",
  },
  FORBIDDEN: {
    retry: "never",
    help: "Give the OAuth client a role that holds the missing permissions, in the divisions concerned.",
  },
  REQUEST_REFUSED: {
    retry: "never",
    help: "Genesys Cloud refused the request as wrong: the message has its words. If it persists, report it with the correlation id.",
  },
  NOT_FOUND: {
    retry: "never",
    help: "The object is gone, or this address is not a Genesys Cloud API: check region and base URL.",
  },
  RATE_LIMITED: {
    retry: "after",
    help: "Too many requests with this OAuth client: Trunkline waits as told. Look for other programs that share the client.",
  },
  SERVICE_FAILED: {
    retry: "backoff",
    help: "Genesys Cloud answered with a server error; Trunkline tries again. If it lasts, see the status page of Genesys Cloud.",
  },
  ANSWER_MALFORMED: {
    retry: "backoff",
    help: "The answer is not what Genesys Cloud sends. A proxy or captive portal may have answered instead: check base URL and proxy.",
  },
  UNREACHABLE: {
    retry: "backoff",
    help: "There is no way to the host: check name, network, firewall, and HTTPS_PROXY / NO_PROXY.",
  },
  TLS_UNTRUSTED: {
    retry: "backoff",
    help: "The server's certificate is not trusted, or not for this host. Where a proxy inspects TLS, give its certificate authority with the option ca or NODE_EXTRA_CA_CERTS.",
  },
  REQUEST_TIMED_OUT: {
    retry: "backoff",
    help: "No answer in time; Trunkline tries again. A firewall that drops packets looks like this.",
  },
  BODY_TOO_LARGE: {
    retry: "never",
    help: "The answer is larger than the limit and was not read further.",
  },
  REQUEST_QUEUE_FULL: {
    retry: "backoff",
    help: "Too many requests wait for the request budget: ask for less at once.",
  },
  CHANNEL_GONE: {
    retry: "backoff",
    help: "The channel has expired or was evicted by the 20-channel limit; Trunkline makes another.",
  },
  CHANNELS_TAKEN: {
    retry: "backoff",
    help: "All 20 channels of this OAuth client are in use, and one more would evict somebody's. They expire 24 h after their last use. Use an OAuth client of its own for this program, or set evictChannels.",
  },
  CONNECT_URI_FOREIGN: {
    retry: "never",
    help: "The service named a socket host outside the region and the base URL. If you trust it, list it under connectHosts.",
  },
  UPGRADE_REFUSED: {
    retry: "backoff",
    help: "The socket was refused and the channel's state is not known; Trunkline tries again.",
  },
  UPGRADE_REFUSED_BY_PATH: {
    retry: "backoff",
    help: "The channel is alive, yet the upgrade to a WebSocket was refused: something on the road (proxy, gateway, firewall) does not let WebSockets pass. See status, Via and Server in the message.",
  },
  SOCKET_SILENT: {
    retry: "backoff",
    help: "The peer stopped answering: a half-open connection. A NAT or proxy may have forgotten it. Trunkline dials again.",
  },
  CHANNEL_CONTENTION: {
    retry: "after",
    help: "Another program on the same OAuth client makes so many channels that the service drops ours, and ours would drop its. Trunkline makes fewer from now on. Give each program an OAuth client of its own.",
  },
  TOKEN_LIFE_SHORT: {
    retry: "never",
    help: "Sessions are replaced one after the other before their token ends, and there is no time for all of them: what is late is a gap. Raise the OAuth client's token duration to what the message says, or use fewer topics.",
  },
  CHANNEL_CONTENDED: {
    retry: "backoff",
    help: "Another program opens the same channel again and again. Trunkline moves to a channel of its own; stop the other program from using a copied connectUri.",
  },
  FRAME_MALFORMED: {
    retry: "never",
    help: "A frame was not a Genesys Cloud notification; what it may have carried lies inside the gap that follows.",
  },
  FRAME_TOO_LARGE: {
    retry: "backoff",
    help: "A frame was larger than frameBytesMax and the socket was cut; what was lost lies inside the gap. Raise frameBytesMax if your events are that large.",
  },
  TOPIC_INVALID: {
    retry: "never",
    help: "Write topics as in v2.routing.queues.<queue id>.conversations, with real ids in place of {id}.",
  },
  TOPIC_UNLISTED: {
    retry: "never",
    help: "The catalogue of the service does not list these topics for sockets; they are tried all the same. Check the spelling.",
  },
  INTERNAL: {
    retry: "never",
    help: "This is a bug in Trunkline: please report it with the cause.",
  },
  CLOSED: {
    retry: "never",
    help: "The client was closed, or its stream has ended: ask before that, or make another client.",
  },
  EVENTS_TAKEN: {
    retry: "never",
    help: "The stream has one consumer: call events() or batches() once, and hand events on from there.",
  },
} as const satisfies Record<string, { readonly retry: Retry; readonly help: string }>;

/** The code of a `TrunklineError`. Codes are never reused for another meaning. */
export type ErrorCode = keyof typeof codes;

/** Every code with its retry policy and help, for documentation and diagnosis. */
export const errorCodes: Readonly<
  Record<ErrorCode, { readonly retry: Retry; readonly help: string }>
> = codes;

const brand: unique symbol = Symbol.for("trunkline.error");

/** What an error may carry besides its code and message. */
export interface TrunklineErrorOptions extends ErrorOptions {
  /** How long to wait, in milliseconds, where the service said so. */
  readonly retryAfterMs?: number | undefined;
  /** HTTP status of the answer, where there was one. */
  readonly status?: number | undefined;
  /** Genesys' `ININ-Correlation-Id`, for a support case. */
  readonly correlationId?: string | undefined;
  /** Permissions that Genesys says are missing. */
  readonly missingPermissions?: readonly string[] | undefined;
}

/** The only error class that this package throws. Narrow on `code`. Holds no secrets. */
export class TrunklineError extends Error {
  override readonly name: string = "TrunklineError";
  readonly code: ErrorCode;
  readonly retryAfterMs: number | undefined;
  readonly status: number | undefined;
  readonly correlationId: string | undefined;
  readonly missingPermissions: readonly string[];
  readonly [brand]: true = true;

  constructor(code: ErrorCode, message: string, options: TrunklineErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
    this.status = options.status;
    this.correlationId = options.correlationId;
    this.missingPermissions = options.missingPermissions ?? [];
  }

  /** What the library does about it. */
  get retry(): Retry {
    return codes[this.code].retry;
  }

  /** What a human should do. */
  get help(): string {
    return codes[this.code].help;
  }
}

/** Tells whether a value is a `TrunklineError`, also across two installed copies of this package. */
export function isTrunklineError(value: unknown, code?: ErrorCode): value is TrunklineError {
  return (
    typeof value === "object" &&
    value !== null &&
    brand in value &&
    (code === undefined || (value as TrunklineError).code === code)
  );
}
