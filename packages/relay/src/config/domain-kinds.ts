/** Kinds of options that mean something here: topics, regions, addresses, JSON paths, files. */
import { resolve } from "node:path";
import type { Redundancy, TrunklineError } from "@trunkline/client";
import { isTopicPattern, whyNoTopicPattern } from "@trunkline/events";
import { whyNoRedactionPath } from "../intake/redaction.ts";
import { objectionsToTopics, objectionToBaseUrl, objectionToRegion } from "./client-checks.ts";
import { count, list, text } from "./kinds.ts";
import { refused, type Kind } from "./option.ts";
import type { Surroundings } from "./secrets.ts";

/** 20 channels of 1,000 topics each are the limit of an OAuth client. */
const topicsMax = 20_000;
/** Topic patterns, JSON paths, hosts and so on of one list. */
export const itemsMax = 1_000;

const topic = text({
  form: "the name of a topic, such as v2.routing.queues.<queue id>.conversations with the id put in",
  sample: "v2.users.1b3f0c9e-6f0a-4d53-9a8e-0c1d2e3f4a5b.presence",
});

const oneOrTwo = count({ min: 1, max: 2 });

export const redundancy: Kind<Redundancy> = {
  ...oneOrTwo,
  sample: 1,
  read: (value, report) => {
    const read = oneOrTwo.read(value, report);
    return read === 1 || read === 2 ? read : refused;
  },
};

/** Topics by the client's own rules, each complaint at its place. */
export const topics: Kind<readonly string[]> = list(topic, {
  max: topicsMax,
  check: (names, report) => {
    for (const [index, name] of names.entries()) {
      const why = isTopicPattern(name) ? whyNoTopicPattern(name) : undefined;
      if (why === undefined) continue;
      report({
        path: [index],
        message: `is no topic and no pattern of topics: ${why}`,
        help: "Write * in place of the id, as in v2.routing.queues.*.conversations for every queue or v2.users.*.presence for every user that the credential sees.",
      });
    }
    for (const { index, error } of objectionsToNamed(names)) {
      const why = error.message.replace(/^"[^]*?" is not a topic: /u, "").replace(/\.$/u, "");
      report({ path: [index], message: `is not a topic: ${why}`, help: error.help });
    }
  },
});

/** As the client objects; patterns are not its business. */
function objectionsToNamed(names: readonly string[]): ReturnType<typeof objectionsToTopics> {
  const places = [...names.keys()].filter((index) => !isTopicPattern(names[index] ?? ""));
  return objectionsToTopics(places.map((index) => names[index] ?? "")).map(({ index, error }) => ({
    index: places[index] ?? index,
    error,
  }));
}

/** Names of topics, in which `*` stands for one segment. */
export const topicPatterns: Kind<readonly string[]> = list(
  text({
    form: "the name of a topic, in which * stands for one segment, such as v2.users.*.presence",
    sample: "v2.users.*.presence",
    check: (written) => {
      if (/[{}<>]/u.test(written)) return "has a placeholder in it; * stands for any one segment";
      return /^v\d+(?:\.[^.\s?&]+)+$/iu.test(written) ? undefined : "is no name of a topic";
    },
  }),
  { min: 1, max: itemsMax },
);

export const region: Kind<string> = viaClient(
  "the AWS name (eu-central-1) or the domain (mypurecloud.de) of a region of Genesys Cloud",
  "eu-central-1",
  objectionToRegion,
);

const baseUrlByClient = viaClient(
  "an origin, such as http://127.0.0.1:9080",
  "http://127.0.0.1:9080",
  objectionToBaseUrl,
);

/** A password in the URL is not repeated. */
export const baseUrl: Kind<string> = {
  ...baseUrlByClient,
  read: (value, report) => {
    const url = typeof value === "string" ? URL.parse(value) : null;
    const message =
      typeof value === "string" && (value.includes("@") || (url?.username ?? "") !== "")
        ? "has a user or password in it"
        : url !== null && (url.search !== "" || url.hash !== "")
          ? "has a query or fragment"
          : undefined;
    if (message === undefined) return baseUrlByClient.read(value, report);
    report({ message, isHidden: true });
    return refused;
  },
};

function viaClient(
  form: string,
  sample: string,
  objection: (written: string) => TrunklineError | undefined,
): Kind<string> {
  const plain = text({ form, sample });
  return {
    ...plain,
    read: (value, report) => {
      const written = plain.read(value, report);
      if (written === refused) return refused;
      const error = objection(written);
      if (error === undefined) return written;
      const near = /Did you mean [^?]+\?/u.exec(error.message)?.[0];
      const help = error.code === "OPTION_INVALID" ? `Write ${form}.` : error.help;
      report({ message: `is not ${form}`, help: near === undefined ? help : `${near} ${help}` });
      return refused;
    },
  };
}

export const redactionPaths: Kind<readonly string[]> = list(
  text({
    form: "a JSON path (RFC 9535) into the frame, such as $.eventBody.participants[*].address",
    sample: "$.eventBody.participants[*].address",
    check: (path) => {
      const why = whyNoRedactionPath(path);
      return why === undefined ? undefined : `is no JSON path into a frame: ${why}`;
    },
  }),
  { min: 1, max: itemsMax },
);

/** Where to listen: an address, or a name that resolves to one. */
export const listenHost = text({
  form: "an address such as 127.0.0.1 or 0.0.0.0, or the name of one of this machine",
  sample: "127.0.0.1",
  charactersMax: 255,
  check: (host) => (/^[\w.:%-]+$/u.test(host) ? undefined : "is no address and no host name"),
});

/** As in a `Host` header, without a port. */
export const hostNames = list(
  text({
    form: "a host name without scheme and port, such as relay.example.com",
    sample: "relay.example.com",
    charactersMax: 255,
    check: (host) =>
      /^(?:[a-z\d_-]+(?:\.[a-z\d_-]+)*|\[[\da-f:.]+\])$/iu.test(host)
        ? undefined
        : "is no host name without scheme and port",
  }),
  { max: itemsMax },
);

export const origins = list(
  text({
    form: "an origin without a path, such as https://console.example.com",
    sample: "https://console.example.com",
    check: (written) => {
      const url = URL.parse(written);
      return url !== null && /^https?:$/u.test(url.protocol) && url.origin === written.toLowerCase()
        ? undefined
        : "is no origin";
    },
  }),
  { max: itemsMax },
);

/** A path, taken from the folder of the configuration unless it is absolute. */
export function path(form: string, sample: string, { folder }: Surroundings): Kind<string> {
  const plain = text({ form, sample });
  return {
    ...plain,
    read: (value, report) => {
      const written = plain.read(value, report);
      return written === refused ? refused : resolve(folder, written);
    },
  };
}

/** Whether only this machine can reach an address or name. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/iu.test(host);
}
