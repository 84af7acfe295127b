/** The configuration file as declared: every option, once. */
import type { z } from "zod";
import {
  baseUrl,
  hostNames,
  isLoopback,
  listenHost,
  origins,
  path,
  redactionPaths,
  redundancy,
  region,
  topicPatterns,
  topics,
} from "./domain-kinds.ts";
import { checkClientTrunks, gatewaySchema } from "./gateway-schema.ts";
import { choice, count, duration, flag, isRecord, name, size, text } from "./kinds.ts";
import {
  type CrossCheck,
  keyed,
  optional,
  optionalSection,
  preset,
  type Report,
  required,
  section,
  sections,
} from "./option.ts";
import { policy } from "./policy.ts";
import { secret, type Surroundings } from "./secrets.ts";
import { sinkSchema } from "./sink-schema.ts";

const trunksMax = 20;
const sinksMax = 100;
const rulesMax = 100;

/** Shorter tokens can be guessed. */
const tokenCharactersMin = 16;

/** What a trunk takes from the environment where it says nothing. */
export const trunkVariables = {
  clientId: "GENESYSCLOUD_OAUTHCLIENT_ID",
  clientSecret: "GENESYSCLOUD_OAUTHCLIENT_SECRET",
  region: "GENESYSCLOUD_REGION",
} as const;

export type ConfigSchema = ReturnType<typeof configSchema>;
/** What a file says, read and checked. */
export type ConfigFile = z.output<ConfigSchema>;

/** @param surroundings where variables, secrets and paths are looked up while a file is read */
// oxlint-disable-next-line typescript/explicit-module-boundary-types -- the schema is the type
export function configSchema(surroundings: Surroundings) {
  return section(
    "The relay.",
    {
      dataDir: preset(
        path("the path of a directory", "./trunkline-data", surroundings),
        "./trunkline-data",
        {
          description:
            "Directory of the journal; made if it is not there. Only one relay at a time can use it.",
        },
      ),
      http: section(
        "The HTTP face: health, metrics, entries, administration.",
        httpOptions(surroundings),
        tokenUnlessLoopback,
      ),
      log: section("The log: JSON lines on stderr, one for each change of state.", {
        level: preset(choice(["debug", "info", "warn", "error", "silent"]), "info", {
          description: "How grave something must be to be logged.",
        }),
      }),
      journal: section("How much is kept.", {
        maxAge: preset(duration({ min: "1m", max: "3650d" }), "7d", {
          description: "Older entries are deleted, once every enabled sink has had them.",
        }),
        maxBytes: preset(size({ min: "1MB", max: "100TB" }), "10GB", {
          description:
            "Where the journal is larger, the oldest entries are deleted even if a sink has not had them; it is told of the gap.",
        }),
      }),
      gateway: gatewaySchema(surroundings),
      redact: sections(
        "Personal data that is taken out of events before anything is stored.",
        rulesMax,
        keyed({
          topics: optional(topicPatterns, {
            description:
              "Topics that the rule is for; * stands for one segment. Left out: all of them.",
            example: ["v2.routing.queues.*.conversations"],
          }),
          paths: required(redactionPaths, {
            description:
              "JSON paths (RFC 9535) into the frame; what they match becomes [redacted].",
            example: ["$.eventBody.participants[*]['name','address']"],
          }),
        }),
      ),
      trunks: sections(
        "Organisations of Genesys Cloud to listen to, each under one OAuth client.",
        trunksMax,
        trunkSchema(surroundings),
      ),
      sinks: sections(
        "Where events are delivered to, each under a cursor of its own.",
        sinksMax,
        sinkSchema(surroundings),
      ),
    },
    checkWhole,
  );
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- the schema is the type
function httpOptions(surroundings: Surroundings) {
  return {
    host: preset(listenHost, "127.0.0.1", {
      description: "Where to listen. Anything but loopback needs a token.",
    }),
    port: preset(count({ min: 0, max: 65_535 }), 8484, {
      description: "Port to listen on; 0 takes a free one.",
    }),
    token: optional(
      secret(
        {
          kind: "token",
          variable: "TRUNKLINE_TOKEN",
          check: (token) =>
            token.length < tokenCharactersMin
              ? `is shorter than ${tokenCharactersMin} characters`
              : undefined,
        },
        surroundings,
      ),
      {
        description: "Bearer token that every request but /healthz and /readyz must carry.",
        example: { env: "TRUNKLINE_TOKEN" },
      },
    ),
    hosts: preset(hostNames, [], {
      description: "Names in a Host header that are answered, besides loopback.",
      example: ["relay.example.com"],
    }),
    origins: preset(origins, [], {
      description: "Web pages that may call, by the value of their Origin header, besides our own.",
      example: ["https://console.example.com"],
    }),
    tls: optionalSection("Serves https instead of http.", {
      cert: required(path("the path of a PEM file", "./tls/cert.pem", surroundings), {
        description: "PEM file with the certificate and its chain.",
        example: "./tls/cert.pem",
      }),
      key: required(path("the path of a PEM file", "./tls/key.pem", surroundings), {
        description: "PEM file with the private key.",
        example: "./tls/key.pem",
      }),
    }),
  };
}

const tokenUnlessLoopback: CrossCheck = ({ host, token }, complain) => {
  if (typeof host !== "string" || isLoopback(host) || token !== undefined) return;
  complain({
    path: ["host"],
    message: "can be reached from other machines, and http.token is missing",
    help: "Give http.token, such as { env: TRUNKLINE_TOKEN }, or listen on 127.0.0.1.",
  });
};

// oxlint-disable-next-line typescript/explicit-function-return-type -- the schema is the type
function trunkSchema(surroundings: Surroundings) {
  return keyed(
    {
      name: required(name, {
        description: "Stands in every entry, log line and metric of the trunk.",
        example: "main",
        isActive: true,
      }),
      region: optional(region, {
        description: `AWS name or domain of the region. Without region and baseUrl: ${trunkVariables.region}.`,
        example: "eu-central-1",
      }),
      baseUrl: optional(baseUrl, {
        description: "Instead of a region: the origin of another API, such as a mock.",
        example: "http://127.0.0.1:9080",
      }),
      clientId: optional(
        text({ form: "the id of an OAuth client", sample: "my-client", charactersMax: 200 }),
        {
          description: `OAuth client with the grant Client Credentials. Without clientId and clientSecret: ${trunkVariables.clientId} and ${trunkVariables.clientSecret}.`,
          example: `\${${trunkVariables.clientId}}`,
        },
      ),
      clientSecret: optional(
        secret({ kind: "client secret", variable: trunkVariables.clientSecret }, surroundings),
        {
          description: "Its secret, never in plain text.",
          example: { env: trunkVariables.clientSecret },
        },
      ),
      topics: preset(topics, [], {
        description:
          "What to listen to, such as v2.routing.queues.<queue id>.conversations with the id put in. With * in place of the id: every queue, or every user, that the credential sees, as they come and go.",
        isActive: true,
      }),
      evictChannels: preset(flag, false, {
        description:
          "Make channels even where all 20 of the OAuth client are taken; the service then drops one, perhaps another program's.",
      }),
      redundancy: preset(redundancy, 1, {
        description:
          "Sessions that carry each topic at the same time. With 2 the loss of one socket, channel or token loses nothing; it takes two channels for every 1,000 topics.",
      }),
      requestsPerMinute: preset(count({ min: 1, max: 300 }), 300, {
        description: "Requests to the API, at most.",
      }),
      policy: preset(
        policy,
        {},
        {
          description: "Timings of the line, for those who know why.",
          example: { pingEvery: "10s" },
        },
      ),
    },
    (trunk, complain) => checkTrunk(trunk, surroundings, complain),
  );
}

/** Region and credentials: from the file, or both from the environment. */
function checkTrunk(
  trunk: Readonly<Record<string, unknown>>,
  { env, warn }: Surroundings,
  complain: Report,
): void {
  const { region: place, baseUrl: origin, clientId, clientSecret } = trunk;
  if (place !== undefined && origin !== undefined)
    complain({
      path: ["baseUrl"],
      message: "cannot stand beside region",
      help: "Leave one of them out.",
      isHidden: true,
    });
  if (place === undefined && origin === undefined) {
    const written = env[trunkVariables.region];
    const help = `Give a region, such as eu-central-1, or set ${trunkVariables.region}.`;
    if (written === undefined)
      complain({ message: "has neither region nor baseUrl", help, isHidden: true });
    else
      region.read(written, ({ message, help: advice }) =>
        complain({
          message: `takes ${trunkVariables.region} for its region, which ${message}`,
          help: advice ?? help,
          isHidden: true,
        }),
      );
  }
  if ((clientId === undefined) !== (clientSecret === undefined)) {
    const missing = clientId === undefined ? "clientId" : "clientSecret";
    complain({
      path: [missing],
      message: "is missing, and its other half is there",
      help: "Give clientId and clientSecret, or neither: then both come from the environment.",
      isHidden: true,
    });
  } else if (clientId === undefined) {
    for (const variable of [trunkVariables.clientId, trunkVariables.clientSecret]) {
      const value = env[variable];
      if (value !== undefined && value !== "" && !/\s/u.test(value)) continue;
      const why =
        value === undefined ? "which is not set" : "which is empty or has white space in it";
      complain({
        message: `has no credentials of its own and takes ${variable}, ${why}`,
        help: `Set ${variable} to that of an OAuth client with the grant Client Credentials, or give clientId and clientSecret.`,
        isHidden: true,
      });
    }
  }
  if (Array.isArray(trunk["topics"]) && trunk["topics"].length === 0)
    warn(`The trunk ${String(trunk["name"])} has no topics, so nothing comes in by it.`);
}

const checkWhole: CrossCheck = (values, complain) => {
  const { trunks, sinks } = values;
  checkClientTrunks(values, complain);
  for (const [key, items] of Object.entries({ trunks, sinks })) {
    if (!Array.isArray(items)) continue;
    const seen = new Map<unknown, number>();
    for (const [index, item] of items.entries()) {
      const given: unknown = isRecord(item) ? item["name"] : undefined;
      if (typeof given !== "string") continue;
      const first = seen.get(given);
      if (first === undefined) seen.set(given, index);
      else
        complain({
          path: [key, index, "name"],
          message: `is the name of ${key}[${first}] too`,
          help: "Give each a name of its own.",
        });
    }
  }
  if (Array.isArray(trunks) && trunks.length === 0)
    complain({
      path: ["trunks"],
      message: "has no trunk in it",
      help: "Write at least one, such as - name: main",
      isHidden: true,
    });
  if (Array.isArray(sinks)) checkFiles(sinks, complain);
};

/** Two sinks that write to one file, or to what the other rotates, would destroy each other's lines. */
function checkFiles(sinks: readonly unknown[], complain: Report): void {
  const files = sinks.flatMap((sink, index) => {
    if (!isRecord(sink) || typeof sink["path"] !== "string") return [];
    const rotate = isRecord(sink["rotate"]) ? sink["rotate"]["maxFiles"] : undefined;
    return [{ index, path: sink["path"], filesMax: typeof rotate === "number" ? rotate : 0 }];
  });
  for (const [place, file] of files.entries()) {
    const other = files.find((candidate, at) => {
      if (candidate.path === file.path) return at < place;
      const suffix = file.path.startsWith(`${candidate.path}.`)
        ? file.path.slice(candidate.path.length + 1)
        : "";
      return /^[1-9]\d{0,5}$/u.test(suffix) && Number(suffix) <= candidate.filesMax;
    });
    if (other === undefined) continue;
    complain({
      path: ["sinks", file.index, "path"],
      message: `is written by sinks[${other.index}] too, or rotated into`,
      help: "Give each sink a file of its own.",
    });
  }
}
