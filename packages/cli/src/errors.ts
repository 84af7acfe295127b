/** The errors of the command itself, and what the program's exit codes mean. */

/** What the program ends with. */
export const exitCodes = {
  done: 0,
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** A bug: EX_SOFTWARE of sysexits.h. */
  bug: 70,
  /** Ctrl-C twice: 128 and the number of SIGINT. */
  interrupted: 130,
} as const;

const codes = {
  USAGE: { exitCode: exitCodes.usage, help: "trunkline --help shows what there is." },
  DIRECT_REQUIRED: {
    exitCode: exitCodes.usage,
    help: "Add --direct, and tail connects to Genesys Cloud itself; without it, tail reads what a relay has stored.",
  },
  TOPIC_MISSING: {
    exitCode: exitCodes.usage,
    help: "Name at least one: --topic v2.routing.queues.<queue id>.conversations",
  },
  SECRET_ON_COMMAND_LINE: {
    exitCode: exitCodes.usage,
    help: "Every user of the machine can read it there (ps). Put it into GENESYSCLOUD_OAUTHCLIENT_SECRET, or into a file for --client-secret-file.",
  },
  REGION_MISSING: {
    exitCode: exitCodes.failed,
    help: "Say where: --region eu-central-1 (or GENESYSCLOUD_REGION), or --base-url http://127.0.0.1:9080 for a mock.",
  },
  BASE_URL_INVALID: {
    exitCode: exitCodes.failed,
    help: "Write it as in --base-url http://127.0.0.1:9080, without user, query or fragment.",
  },
  CREDENTIALS_MISSING: {
    exitCode: exitCodes.failed,
    help: "Set GENESYSCLOUD_OAUTHCLIENT_ID and GENESYSCLOUD_OAUTHCLIENT_SECRET, of an OAuth client with the Client Credentials grant.",
  },
  CREDENTIALS_INCOMPLETE: {
    exitCode: exitCodes.failed,
    help: "Client id and client secret belong together: set both, or neither.",
  },
  VARIABLE_INVALID: { exitCode: exitCodes.failed, help: "Set the variable anew, or unset it." },
  OPTION_EMPTY: { exitCode: exitCodes.usage, help: "Give the option a value, or leave it out." },
  SECRET_FILE_UNREADABLE: {
    exitCode: exitCodes.failed,
    help: "Check the path and that this user may read the file.",
  },
  SECRET_FILE_INVALID: {
    exitCode: exitCodes.failed,
    help: "The file holds the secret and nothing else; one line end after it is allowed.",
  },
  RELAY_URL_INVALID: {
    exitCode: exitCodes.failed,
    help: "Write it as in --url http://127.0.0.1:8484, without user, query or fragment.",
  },
  RELAY_UNREACHABLE: {
    exitCode: exitCodes.failed,
    help: "Start one with `trunkline run`, or say where it is with --url or TRUNKLINE_URL.",
  },
  RELAY_UNTRUSTED: {
    exitCode: exitCodes.failed,
    help: "It must be valid for the name in --url, unexpired, and from an authority that this machine trusts; NODE_EXTRA_CA_CERTS=FILE adds one of your own, or the certificate itself.",
  },
  RELAY_LOST: {
    exitCode: exitCodes.failed,
    help: "Run it again when the relay is back.",
  },
  RELAY_REFUSED: {
    exitCode: exitCodes.failed,
    help: "Look at the log of the relay: it says more.",
  },
  NOT_A_RELAY: {
    exitCode: exitCodes.failed,
    help: "Check --url and TRUNKLINE_URL: something else listens there, or a relay of another version.",
  },
  TOKEN_MISSING: {
    exitCode: exitCodes.failed,
    help: "Put the token (http.token in the relay's configuration) into TRUNKLINE_TOKEN, or into a file for --token-file.",
  },
  TOKEN_REFUSED: {
    exitCode: exitCodes.failed,
    help: "Compare TRUNKLINE_TOKEN or the file of --token-file with http.token in the relay's configuration.",
  },
  SINK_FAILED: {
    exitCode: exitCodes.failed,
    help: "See where it stands with `trunkline sinks`.",
  },
  FILE_EXISTS: {
    exitCode: exitCodes.failed,
    help: "Name another file, or replace it with --force.",
  },
  FILE_UNREADABLE: {
    exitCode: exitCodes.failed,
    help: "Check the path and that this user may read the file.",
  },
  SUBSCRIPTION_INVALID: {
    exitCode: exitCodes.failed,
    help: "Each complaint says how to mend it; the Event API would answer with the same ones.",
  },
  TRUNK_UNKNOWN: {
    exitCode: exitCodes.usage,
    help: "Name one of the trunks in the configuration with --trunk.",
  },
  LISTING_INCOMPLETE: {
    exitCode: exitCodes.failed,
    help: "What is printed leaves out what could not be listed: mend it, and plan again.",
  },
  LINES_LEFT_OUT: {
    exitCode: exitCodes.failed,
    help: "All other lines were scrubbed. Look at these in the original: a capture may have been cut in the middle of a line.",
  },
  FILE_UNWRITABLE: {
    exitCode: exitCodes.failed,
    help: "Check the path and that this user may write there.",
  },
  CLIENT_EXISTS: {
    exitCode: exitCodes.failed,
    help: "Choose another name, or remove that client first: its tokens end then.",
  },
  CLIENT_UNKNOWN: {
    exitCode: exitCodes.failed,
    help: "`trunkline clients list` shows those that there are.",
  },
  CLIENT_INVALID: {
    exitCode: exitCodes.usage,
    help: "trunkline clients add --help shows how it is written.",
  },
  INTERRUPTED: {
    exitCode: exitCodes.interrupted,
    help: "Run it again, and let it end.",
  },
  TOPICS_REJECTED: {
    exitCode: exitCodes.failed,
    help: "Give the OAuth client a role with the missing permissions, in the divisions concerned.",
  },
  OUTPUT_FAILED: {
    exitCode: exitCodes.failed,
    help: "Check where the output goes: the disk may be full.",
  },
  OUTPUT_STUCK: {
    exitCode: exitCodes.failed,
    help: "Whoever reads the output has stopped reading; the rest of it is lost.",
  },
  BOOKS_DIFFER: {
    exitCode: exitCodes.failed,
    help: "If the line was broken just before the end, let it run on until the gap shows. Else this is a bug in Trunkline: please report it, with the figures above and the output of --trace.",
  },
} as const satisfies Record<string, { readonly exitCode: number; readonly help: string }>;

/** The code of a `CliError`. */
export type CliErrorCode = keyof typeof codes;

/** The only error class of this package. `help` says what to do, from the table unless given. */
export class CliError extends Error {
  override readonly name: string = "CliError";
  readonly code: CliErrorCode;
  readonly help: string;

  constructor(
    code: CliErrorCode,
    message: string,
    options: ErrorOptions & { readonly help?: string } = {},
  ) {
    super(message, options);
    this.code = code;
    this.help = options.help ?? codes[code].help;
  }

  get exitCode(): number {
    return codes[this.code].exitCode;
  }
}
