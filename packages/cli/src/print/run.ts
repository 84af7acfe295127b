/** What `trunkline run` says to people: where it is, what it waits for, that it is live. */
import type { RelayConfig, TrunkStatus } from "@trunkline/relay";
import { relayUrlDefault } from "../relay/address.ts";
import type { Output, System } from "../system.ts";
import { palette } from "./colours.ts";
import { count, printable } from "./text.ts";

export interface RunTexts {
  started(url: string): Promise<void>;
  /** Nothing where it is as it was when it was last told. */
  waiting(trunks: readonly TrunkStatus[]): Promise<void>;
  live(url: string, trunks: readonly TrunkStatus[]): Promise<void>;
}

/** Up to so many refused topics are named. */
const refusedNamedMax = 5;

/** @param output undefined where nobody reads; what is waited for is told on stderr all the same */
export function createRunTexts(
  config: RelayConfig,
  file: string | undefined,
  system: System,
  output: Output | undefined,
): RunTexts {
  const { stderr, commandName, version } = system;
  const { bold, good, warn } = palette(output?.hasColours ?? false);
  let told = "";
  const tail = (url: string): string =>
    `${commandName} tail${url === relayUrlDefault ? "" : ` --url ${url}`}`;
  return {
    started: async (url) => {
      const trunks = config.trunks.map(
        (trunk) => `${trunk.name} (${placeOf(trunk)}): ${count(trunk.topics.length, "topic")}`,
      );
      const sinks = config.sinks.map(
        ({ name, type, isEnabled }) => `${name} (${type}${isEnabled ? "" : ", disabled"})`,
      );
      const rows: readonly (readonly [string, string])[] = [
        ["configuration", file ?? "the command line"],
        ["listens on", url],
        ["data", config.dataDir],
        ...trunks.map((text): [string, string] => ["trunk", text]),
        ...sinks.map((text): [string, string] => ["sink", text]),
      ];
      const list = rows.map(([what, text]) => `  ${what.padEnd(13)}  ${printable(text)}\n`);
      await output?.write(`${bold(`Trunkline relay ${version}`)}\n\n${list.join("")}\n`);
    },
    waiting: async (trunks) => {
      const text = trunks.flatMap(waitingText).join("");
      if (text === told) return;
      told = text;
      await stderr.write(text);
    },
    live: async (url, trunks) => {
      const topics = trunks.flatMap((trunk) => trunk.topics);
      const live = topics.filter(({ state }) => state === "live").length;
      const refused = topics.filter(({ state }) => state === "rejected" || state === "over-budget");
      const named = refused
        .slice(0, refusedNamedMax)
        .map(({ topic, reason, missingPermissions }) => {
          const why =
            missingPermissions.length > 0
              ? `missing ${missingPermissions.join(", ")}`
              : (reason ?? "refused");
          return `  ${printable(`${topic}: ${why}`)}\n`;
        });
      const more =
        refused.length > refusedNamedMax ? `  and ${refused.length - refusedNamedMax} more\n` : "";
      const trouble =
        refused.length === 0
          ? ""
          : `${warn(`Not carried: ${count(refused.length, "topic")}.`)}\n${named.join("")}${more}`;
      await output?.write(
        `${live > 0 ? good(`Live: ${count(live, "topic")}.`) : warn("No topic is live.")}\n${trouble}
See what comes, from another terminal:

  ${tail(url)}

Ctrl-C stops it. From here on there is only the log, a line for each change of state.
`,
      );
    },
  };
}

function placeOf({ place }: RelayConfig["trunks"][number]): string {
  return "region" in place ? place.region : place.baseUrl;
}

function waitingText({ name, state, topics, error }: TrunkStatus): readonly string[] {
  if (state === "live") return [];
  const pending = topics.filter((topic) => topic.state === "pending").length;
  const said =
    error === undefined
      ? `${count(pending, "topic")} not confirmed yet`
      : `${error.code}: ${error.message}`;
  const help = error === undefined ? "" : `  → ${printable(error.help)}\n`;
  return [`not live yet: trunk ${printable(`${name}: ${said.replace(/\.?$/u, ".")}`)}\n${help}`];
}
