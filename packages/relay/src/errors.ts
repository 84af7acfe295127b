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
