const codes = {
  OPTION_INVALID: { help: "Correct the option that the message names." },
  PORT_TAKEN: {
    help: "Another program listens there, perhaps another mock: choose another port, or 0 for a free one.",
  },
  ADDRESS_UNAVAILABLE: { help: "Use an address of this machine, such as 127.0.0.1 or 0.0.0.0." },
  PORT_FORBIDDEN: { help: "Ports below 1024 need special rights: choose a higher one." },
  LISTEN_FAILED: { help: "The cause says what the operating system answered." },
} as const satisfies Record<string, { readonly help: string }>;

/** What can go wrong with the mock itself, as opposed to what it plays. */
export type MockErrorCode = keyof typeof codes;

/** The only error that this package throws. Narrow on `code`; `help` says what to do. */
export class MockError extends Error {
  override readonly name: string = "MockError";
  readonly code: MockErrorCode;

  constructor(code: MockErrorCode, message: string, options?: ErrorOptions) {
    super(`${code}: ${message}`, options);
    this.code = code;
  }

  get help(): string {
    return codes[this.code].help;
  }
}
