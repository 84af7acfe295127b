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
  CONFIG_INVALID: {
    recovery: "ends",
    help: "Correct what is listed; docs/CONFIGURATION.md has every option.",
  },
  CONFIG_MISSING: {
    recovery: "ends",
    help: "Make one with: trunkline init",
  },
  CONFIG_UNREADABLE: {
    recovery: "ends",
    help: "Check that the path leads to a text file that this user may read.",
  },
  CONSUMER_UNKNOWN: {
    recovery: "waits",
    help: "`trunkline sinks` lists the consumers that there are.",
  },
  CONSUMERS_FULL: {
    recovery: "waits",
    help: "Remove consumers that are no longer used.",
  },
  DATA_DIR_LOCKED: {
    recovery: "ends",
    help: "Stop the other relay, or give this one a data directory of its own (--data-dir).",
  },
  DATA_DIR_UNWRITABLE: {
    recovery: "ends",
    help: "Let the user that runs the relay read and write the directory, or choose another (--data-dir).",
  },
  JOURNAL_CLOSED: {
    recovery: "ends",
    help: "The relay is stopping. Ask again once it runs.",
  },
  JOURNAL_CORRUPT: {
    recovery: "ends",
    help: "Nothing was changed. Check the disk; move the data directory away and start anew, or put back a copy. Keep the damaged one: `sqlite3 journal.db .dump` may save most of what it holds.",
  },
  JOURNAL_FULL: {
    recovery: "retries",
    help: "Make room on the disk of the data directory, or lower journal.maxBytes. Nothing that was taken is lost while the relay runs; it goes on by itself.",
  },
  JOURNAL_GONE: {
    recovery: "ends",
    help: "What was stored went with it, but for what sinks and readers already had. If it was moved, put it back and start the relay again. Else start it anew: a new journal begins, cursors of the old one are refused (CURSOR_FOREIGN), and sinks begin anew.",
  },
  JOURNAL_NEWER: {
    recovery: "ends",
    help: "Run the newer version of Trunkline that wrote it, or choose another data directory. Nothing was changed.",
  },
  JOURNAL_UNWRITABLE: {
    recovery: "retries",
    help: "Check the disk of the data directory, its permissions and quota. The relay tries again by itself.",
  },
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
    help: "If this receiver may be called, list its name, address or range under allow of the sink. If not, the name resolves to where it should not: look at DNS.",
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
    help: "The receiver should answer at once and work afterwards; or raise timeout of the sink (one request), and writeTimeout with it (a batch).",
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
    help: "Correct the credentials in headers or secret of the sink, or the rights at the receiver. It is tried again until they fit, and nothing goes to the dead letters.",
  },
  WEBHOOK_MISCONFIGURED: {
    recovery: "retries",
    help: "Correct url, method or content type of the sink, or bring the receiver back there. It is tried again until they fit; if such an answer is about one event, list the status under its refuseStatuses.",
  },
  WEBHOOK_REDIRECTED: {
    recovery: "retries",
    help: "Redirects are not followed. Set url of the sink to the address that the receiver names.",
  },
  WEBHOOK_GONE: {
    recovery: "waits",
    help: "The receiver wants no more events (410). Remove or disable the sink; or, if that was a mistake there, repair it and resume the sink.",
  },
  ADDRESS_UNAVAILABLE: {
    recovery: "ends",
    help: "Set http.host to an address of this machine, as 127.0.0.1, or 0.0.0.0 for all of them.",
  },
  ANSWER_TIMEOUT: {
    recovery: "waits",
    help: "What was asked for may still be going on: look at the state before asking again.",
  },
  BODY_TOO_LARGE: {
    recovery: "waits",
    help: "Ask for less at a time.",
  },
  CONTENT_TYPE_UNSUPPORTED: {
    recovery: "waits",
    help: "Send the body as JSON with the header content-type: application/json.",
  },
  HOST_FORBIDDEN: {
    recovery: "waits",
    help: "Ask under a loopback name as localhost, or add the name to http.hosts in the configuration if it is yours.",
  },
  JSON_INVALID: {
    recovery: "waits",
    help: "Send one JSON object.",
  },
  LISTEN_FAILED: {
    recovery: "ends",
    help: "The system's own code says why; look at its limits, as that of open files.",
  },
  METHOD_NOT_ALLOWED: {
    recovery: "waits",
    help: "The header Allow names the methods that there are.",
  },
  ORIGIN_FORBIDDEN: {
    recovery: "waits",
    help: "If the page is yours, add its origin, as https://app.example.com, to http.origins in the configuration.",
  },
  PORT_FORBIDDEN: {
    recovery: "ends",
    help: "Ports below 1024 need a right of their own: take a higher one by http.port or --port.",
  },
  PORT_IN_USE: {
    recovery: "ends",
    help: "Another program listens there, perhaps another relay. Choose another port by http.port or --port; 0 takes a free one.",
  },
  READER_STUCK: {
    recovery: "waits",
    help: "Whoever read may ask again from the last cursor that came; nothing is lost. It must read faster, or ask for fewer topics.",
  },
  REQUEST_INVALID: {
    recovery: "waits",
    help: "The details name each parameter or field, and what is wrong with it.",
  },
  REQUEST_MALFORMED: {
    recovery: "waits",
    help: "Send HTTP/1.1, with a valid path, and with headers of 16 kB at most.",
  },
  ROUTE_UNKNOWN: {
    recovery: "waits",
    help: "There is /healthz, /readyz, /metrics, and below /admin: entries, gaps, journal, reload, sinks, topics, trunks.",
  },
  SHUTTING_DOWN: {
    recovery: "retries",
    help: "The relay is about to end. Ask again when it is back.",
  },
  SIGNING_KEY_INVALID: {
    recovery: "ends",
    help: "Put back a copy of the file; or move it away and start again: then a new key is made, and clients must get new tokens. For gateway.signingKey one is made by: openssl genpkey -algorithm ed25519",
  },
  SIGNING_KEY_UNREADABLE: {
    recovery: "ends",
    help: "Check the path (gateway.signingKey, or the data directory), and that the user that runs the relay may read the file, and write the directory.",
  },
  SINK_UNKNOWN: {
    recovery: "waits",
    help: "GET /admin/sinks, or `trunkline sinks`, lists the sinks of the configuration.",
  },
  STREAM_FAILED: {
    recovery: "waits",
    help: "Whoever read may ask again from the last cursor that came; nothing is lost.",
  },
  TLS_INVALID: {
    recovery: "ends",
    help: "Give PEM files to http.tls: in cert the certificate with its chain, in key the private key that belongs to it.",
  },
  TOKEN_REQUIRED: {
    recovery: "waits",
    help: "Send the header authorization: Bearer <http.token of the configuration>.",
  },
  TOO_MANY_STREAMS: {
    recovery: "waits",
    help: "End other streams first, or share one.",
  },
  URL_TOO_LONG: {
    recovery: "waits",
    help: "Name fewer topics, or use patterns.",
  },
  DEAD_LETTERS_FULL: {
    recovery: "waits",
    help: "Look at the dead letters and why they were refused; replay or remove them, or raise maxDeadLetters; then resume the sink. Nothing is lost meanwhile.",
  },
  DELIVERY_STOPPED: {
    recovery: "waits",
    help: "The sink is stopped or was never opened. Enable it, or wait until it is live, and ask again.",
  },
  REPLAY_STOPPED: {
    recovery: "waits",
    help: "What was replayed is done; the rest lies where it was. When the sink takes entries again, ask once more.",
  },
  SINK_BROKE: {
    recovery: "retries",
    help: "This is a bug in the sink: please report it with the cause. Nothing is lost: delivery goes on where it stopped.",
  },
  SINK_FILE_DIRECTORY_MISSING: {
    recovery: "retries",
    help: "Make the directory, or correct the sink's path. It is tried again until it is there.",
  },
  SINK_FILE_FULL: {
    recovery: "retries",
    help: "Make room on that disk, or rotate to fewer or smaller files. Nothing is lost: delivery goes on when there is room.",
  },
  SINK_FILE_UNWRITABLE: {
    recovery: "retries",
    help: "The path must be a regular file, or not there yet, that this user may read and write, in a directory that this user may write.",
  },
  SINK_FILE_FAILED: {
    recovery: "retries",
    help: "Look at the disk and the system's log. Nothing is lost: delivery goes on where it stopped.",
  },
  SINK_OUTPUT_FAILED: {
    recovery: "retries",
    help: "Look at where the standard output leads. Nothing is lost: delivery goes on when it can be written.",
  },
  SINK_OUTPUT_GONE: {
    recovery: "waits",
    help: "Whatever read the output has ended. Start the relay with a reader again: it goes on where it stopped.",
  },
  SINK_OUTPUT_STALLED: {
    recovery: "retries",
    help: "The reader of the output stands still. Nothing is lost: delivery goes on when it reads.",
  },
  SINK_TIMED_OUT: {
    recovery: "retries",
    help: "The destination did not answer in time. If it is only slow, raise writeTimeout. It may have taken what was given: look for doubles by id.",
  },
  STOP_INCOMPLETE: {
    recovery: "ends",
    help: "Nothing that is stored is harmed. Make room on the disk of the data directory, or mend it, and start again: what was sent since the last stored proof is then told as a gap of cause killed.",
  },
  RELOAD_IMPOSSIBLE: {
    recovery: "waits",
    help: "Write the configuration into a file (trunkline init), and start with trunkline run -c FILE.",
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

/** One thing that is wrong with a configuration. Its words hold no secret. */
export interface Complaint {
  /** The option: `trunks[0].clientSecret`; empty for the file as a whole. */
  readonly path: string;
  /** Where it was read: `trunkline.yaml:12:9` (line, column), or the option of the command line. */
  readonly source: string;
  /** From 1; undefined where there is no file. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** What is wrong, with what was found. */
  readonly message: string;
  /** The line of a file that is no YAML, with a mark under the place. */
  readonly frame: string | undefined;
  /** What to do about it. */
  readonly help: string;
}

/** Survives that two copies of this package are installed. */
const brand: unique symbol = Symbol.for("trunkline.relay-error");

/** What this package throws and reports. Narrow on `code`; the message holds no secret and no body. */
export class RelayError extends Error {
  override readonly name: string = "RelayError";
  readonly code: RelayErrorCode;
  /** With CONFIG_INVALID: everything that is wrong, in the order of the file. */
  readonly complaints: readonly Complaint[];
  readonly #help: string | undefined;
  readonly [brand]: true = true;

  /** @param options `help` where there is better advice than the table's */
  constructor(
    code: RelayErrorCode,
    message: string,
    options: ErrorOptions & {
      readonly help?: string;
      readonly complaints?: readonly Complaint[];
    } = {},
  ) {
    super(message, options);
    this.code = code;
    this.complaints = options.complaints ?? [];
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
