const codes = {
  OPTION_INVALID: { help: "Correct the option that the message names." },
  PORT_TAKEN: {
    help: "Another program listens there, perhaps another mock: choose another port, or 0 for a free one.",
  },
  ADDRESS_UNAVAILABLE: { help: "Use an address of this machine, such as 127.0.0.1 or 0.0.0.0." },
  PORT_FORBIDDEN: { help: "Ports below 1024 need special rights: choose a higher one." },
  LISTEN_FAILED: { help: "The cause says what the operating system answered." },
  SCENARIO_MISSING: {
    help: "Give the path of a file, or the name of a scenario that is built in.",
  },
  SCENARIO_INVALID: {
    help: "docs/MOCK.md shows the form; scenario.schema.json in this package lets an editor check it.",
  },
  CAPTURE_MISSING: { help: "Check the path and that this user may read the file." },
  CAPTURE_INVALID: {
    help: "A capture has a line of JSON for each event, as trunkline tail --json writes it.",
  },
  CAPTURE_TOO_LARGE: { help: "Cut it with head -c or split, or keep only the topics that matter." },
  USAGE: { help: "--help shows what there is." },
  VARIABLE_INVALID: { help: "Set the variable anew, or unset it." },
  FILE_UNREADABLE: { help: "Check the path and that this user may read the file." },
  MOCK_UNREACHABLE: {
    help: "Start one with `trunkline mock`, or say where it is with --url.",
  },
  MOCK_REFUSED: { help: "Correct what the message names." },
  NOT_A_MOCK: { help: "Check --url: something else answers there, or a mock of another version." },
} as const satisfies Record<string, { readonly help: string }>;

/** What can go wrong with the mock itself, as opposed to what it plays. */
export type MockErrorCode = keyof typeof codes;

/** The only error that this package throws. Narrow on `code`; `help` says what to do. */
export class MockError extends Error {
  override readonly name: string = "MockError";
  readonly code: MockErrorCode;
  readonly help: string;

  constructor(
    code: MockErrorCode,
    message: string,
    options: ErrorOptions & { readonly help?: string } = {},
  ) {
    super(`${code}: ${message}`, options);
    this.code = code;
    this.help = options.help ?? codes[code].help;
  }
}
