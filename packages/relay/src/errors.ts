/** The one error class of the relay, and the table of its codes: what happened, whether it heals, what to do. */

/** What the relay does about an error by itself. */
export type Recovery =
  /** It is tried again, without end. */
  | "retries"
  /** It stays until somebody changes something; whatever else the relay does goes on. */
  | "waits"
  /** The relay does not start, or ends. */
  | "ends";

const codes = {
  CURSOR_INVALID: {
    recovery: "waits",
    help: "Use a cursor as an entry has it, or 0 for the beginning.",
  },
  CURSOR_FOREIGN: {
    recovery: "waits",
    help: "The data directory is another one, or was emptied. Start from 0, or without a cursor at the head; what lies between cannot be known.",
  },
  TEMPLATE_INVALID: {
    recovery: "ends",
    help: "Correct the template at the place named. docs/SINKS.md has the syntax and the names that there are.",
  },
  WEBHOOK_INVALID: {
    recovery: "ends",
    help: "Correct the webhook in the configuration. docs/SINKS.md describes each setting.",
  },
  WEBHOOK_ADDRESS_FORBIDDEN: {
    recovery: "retries",
    help: "If this receiver may be called, list its name, address or range under webhook.allow. If not, the name resolves to where it should not: look at DNS.",
  },
  WEBHOOK_UNREACHABLE: {
    recovery: "retries",
    help: "Check that the receiver runs, its name and port, and firewalls in between. Nothing is lost: delivery goes on where it stopped.",
  },
  WEBHOOK_UNTRUSTED: {
    recovery: "retries",
    help: "The receiver's certificate must be valid for its name, unexpired, and from an authority that this machine trusts; NODE_EXTRA_CA_CERTS adds a private one.",
  },
  WEBHOOK_TIMEOUT: {
    recovery: "retries",
    help: "The receiver should answer at once and work afterwards; or raise webhook.timeoutMs.",
  },
  WEBHOOK_BUSY: {
    recovery: "retries",
    help: "The receiver asks for a pause and gets it. If it never catches up, raise its limit or send batches.",
  },
  WEBHOOK_FAILED: {
    recovery: "retries",
    help: "Look at the receiver's log. Nothing is lost: delivery goes on where it stopped.",
  },
  WEBHOOK_UNAUTHORIZED: {
    recovery: "retries",
    help: "Correct the credentials in webhook.headers or webhook.secret, or the rights at the receiver. It is tried again until they fit, and nothing goes to the dead letters.",
  },
  WEBHOOK_MISCONFIGURED: {
    recovery: "retries",
    help: "Correct webhook.url, method or content type, or bring the receiver back there. It is tried again until they fit; if such an answer is about one event, list the status under webhook.refuseStatuses.",
  },
  WEBHOOK_REDIRECTED: {
    recovery: "retries",
    help: "Redirects are not followed. Set webhook.url to the address that the receiver names.",
  },
  WEBHOOK_GONE: {
    recovery: "waits",
    help: "The receiver wants no more events (410). Remove or disable the sink; or, if that was a mistake there, repair it and resume the sink.",
  },
  INTERNAL: {
    recovery: "ends",
    help: "This is a bug in Trunkline: please report it with the cause.",
  },
} as const satisfies Record<string, { readonly recovery: Recovery; readonly help: string }>;

/** The code of a `RelayError`. Codes are never reused for another meaning. */
export type RelayErrorCode = keyof typeof codes;

/** Every code with what becomes of it and its help, for documentation and diagnosis. */
export const relayErrorCodes: Readonly<
  Record<RelayErrorCode, { readonly recovery: Recovery; readonly help: string }>
> = codes;

/** Survives that two copies of this package are installed. */
const brand: unique symbol = Symbol.for("trunkline.relay-error");

/** What this package throws and reports. Narrow on `code`; the message holds no secret and no body. */
export class RelayError extends Error {
  override readonly name: string = "RelayError";
  readonly code: RelayErrorCode;
  readonly #help: string | undefined;
  readonly [brand]: true = true;

  /** @param options `help` where there is better advice than the table's */
  constructor(
    code: RelayErrorCode,
    message: string,
    options: ErrorOptions & { readonly help?: string } = {},
  ) {
    super(message, options);
    this.code = code;
    this.#help = options.help;
  }

  get recovery(): Recovery {
    return codes[this.code].recovery;
  }

  /** What to do next, in words for a person. */
  get help(): string {
    return this.#help ?? codes[this.code].help;
  }
}

/** Whether a value is an error of this package, with a certain code if one is named. */
export function isRelayError(error: unknown, code?: RelayErrorCode): error is RelayError {
  return (
    error instanceof Error &&
    brand in error &&
    (code === undefined || (error as RelayError).code === code)
  );
}
