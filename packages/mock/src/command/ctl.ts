/** What the verbs of `ctl` do. */
import type { LedgerEntry, LedgerPage } from "../cloud/ledger.ts";
import { MockError } from "../mock-error.ts";
import { faultNames, faultSchemas } from "../server/fault-schema.ts";
import { nearMiss } from "../scenario/near-miss.ts";
import { readScenario, scenarioCharactersMax } from "../scenario/read-scenario.ts";
import {
  channelsText,
  entryLine,
  faultHelp,
  faultsText,
  historyText,
  scenarioText,
  socketsText,
  stateText,
  topicsText,
  type Shown,
} from "./ctl-text.ts";
import { openRemote } from "./remote-mock.ts";
import type { MockSystem } from "./system.ts";
import { plainOrJson } from "./values.ts";

/** Between two looks of `ledger --follow`. */
const followMs = 500;
/** Entries of one of them. */
const followEntriesMax = 10_000;
/** Characters of an event body that is published. */
const bodyCharactersMax = 4_000_000;

export interface CtlFlags {
  readonly url?: string;
  readonly json?: boolean;
  readonly help?: boolean;
  readonly topic?: string;
  readonly since?: number;
  readonly limit?: number;
  readonly follow?: boolean;
}

export interface Ctl {
  state(): Promise<void>;
  channels(): Promise<void>;
  sockets(): Promise<void>;
  topics(flags: CtlFlags): Promise<void>;
  faults(): Promise<void>;
  explainFaults(help: string, name: string): Promise<void>;
  inject(fault: string, fields: readonly string[]): Promise<void>;
  clear(id: string | undefined): Promise<void>;
  publish(topic: string, body: string | undefined): Promise<void>;
  ledger(flags: CtlFlags): Promise<void>;
  history(flags: CtlFlags): Promise<void>;
  scenario(what: string | undefined): Promise<void>;
  reset(): Promise<void>;
}

export function createCtl(flags: CtlFlags, system: MockSystem): Ctl {
  const { stdout } = system;
  const remote = openRemote(flags.url, system);
  const tell = async (json: unknown, text: () => string): Promise<void> => {
    await stdout.write(flags.json === true ? `${JSON.stringify(json)}\n` : text());
  };
  const show = async (path: string, text: (json: never) => string): Promise<void> => {
    const json = await remote.ask("GET", path);
    await tell(json, () => text(json as never));
  };

  return {
    state: () => show("/state", stateText),
    channels: () => show("/channels", channelsText),
    sockets: () => show("/sockets", socketsText),
    topics: ({ limit }) => show(`/topics${queryOf({ limit })}`, topicsText),
    faults: () => show("/faults", faultsText),
    async explainFaults(help, name) {
      await stdout.write(`${help}\n${faultHelp(name)}`);
    },
    async inject(fault, fields) {
      const body = JSON.stringify({ ...fieldsOf(fault, fields), fault });
      const receipt = (await remote.ask("POST", "/faults", body)) as Shown["receipt"];
      const { id, affected } = receipt;
      const stands = id === undefined ? "done" : `stands as fault ${id}`;
      await tell(receipt, () => `${fault} ${stands}; it touched ${affected}\n`);
    },
    async clear(id) {
      if (id !== undefined && !/^\d{1,15}$/u.test(id))
        throw new MockError("USAGE", `${id} is no id of a fault`, {
          help: "ctl faults shows them.",
        });
      const json = await remote.ask("DELETE", id === undefined ? "/faults" : `/faults/${id}`);
      await tell(json, () => faultsText(json as Shown["faults"]));
    },
    async publish(topic, given) {
      const text = given === "-" ? await system.readInput(bodyCharactersMax) : (given ?? "{}");
      const body = plainOrJson(text);
      if (typeof body !== "object" || body === null || Array.isArray(body))
        throw new MockError("USAGE", "The body is no JSON object", {
          help: `Quote it for the shell: '{"source":"PURECLOUD"}'.`,
        });
      const json = await remote.ask("POST", "/events", JSON.stringify({ topic, body }));
      await tell(json, () => entryLine(json as LedgerEntry));
    },
    ledger: (wanted) => followLedger(wanted),
    history: ({ since }) => show(`/history${queryOf({ since })}`, historyText),
    async scenario(what = "status") {
      const json = await askScenario(what);
      await tell(json, () => scenarioText(json as Shown["scenario"]));
    },
    async reset() {
      const json = (await remote.ask("POST", "/reset")) as { readonly nowMs: number };
      const now = new Date(json.nowMs).toISOString();
      await tell(json, () => `The world is as it was at the start; its clock shows ${now}.\n`);
    },
  };

  async function followLedger({ topic, since, limit, follow, json }: CtlFlags): Promise<void> {
    let after = since;
    let life: number | undefined;
    for (;;) {
      const most = follow === true ? followEntriesMax : limit;
      const query = queryOf({ topic, since: after, limit: most });
      const page = (await remote.ask("GET", `/ledger${query}`)) as LedgerPage & {
        readonly resets: number;
      };
      const { entries, newest, more, resets } = page;
      life ??= resets;
      if (life !== resets) {
        // From here on events are counted from one again.
        life = resets;
        after = 0;
        continue;
      }
      const lines = entries.map((entry) =>
        json === true ? `${JSON.stringify(entry)}\n` : entryLine(entry),
      );
      if (lines.length > 0) await stdout.write(lines.join(""));
      if (follow !== true) return;
      const last = entries.at(-1)?.sequence;
      after = more && last !== undefined ? last : newest;
      if (!more) await system.clock.sleep(followMs, system.stop);
      if (system.stop.aborted) return;
    }
  }

  async function askScenario(what: string): Promise<unknown> {
    if (what === "status") return remote.ask("GET", "/scenario");
    if (what === "stop") return remote.ask("DELETE", "/scenario");
    const { scenarios } = (await remote.ask("GET", "/scenarios")) as {
      readonly scenarios: readonly string[];
    };
    if (scenarios.includes(what)) return remote.ask("POST", `/scenario${queryOf({ name: what })}`);
    let text: string;
    try {
      text = system.readText(what, scenarioCharactersMax + 1);
    } catch (cause) {
      throw new MockError("SCENARIO_MISSING", `There is no file ${what}, and no such scenario`, {
        cause,
        help: `Built in are ${scenarios.join(", ")}.`,
      });
    }
    // Read here already, so that a complaint names the file.
    readScenario(text, what, what);
    return remote.ask("POST", "/scenario", text);
  }
}

function queryOf(values: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    if (value !== undefined) query.set(name, String(value));
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

/** `status=503` is a number where the field is one, and text where it is text. */
function fieldsOf(fault: string, fields: readonly string[]): Record<string, unknown> {
  const name = faultNames.find((each) => each === fault);
  if (name === undefined) {
    const near = nearMiss(fault, faultNames);
    throw new MockError("USAGE", `There is no fault ${fault}`, {
      help: near === undefined ? `There are ${faultNames.join(", ")}.` : `Did you mean ${near}?`,
    });
  }
  const { shape } = faultSchemas[name];
  return Object.fromEntries(
    fields.map((field) => {
      const [, key = "", text = ""] = /^([^=]+)=(.*)$/su.exec(field) ?? [];
      const known = Object.keys(shape).filter((each) => each !== "fault");
      if (!known.includes(key)) {
        const near = nearMiss(key, known);
        const has = known.length === 0 ? "It has none." : `It has ${known.join(", ")}.`;
        throw new MockError("USAGE", `${fault} has no field "${key === "" ? field : key}"`, {
          help: near === undefined ? `${has} Write them as name=value.` : `Did you mean ${near}?`,
        });
      }
      const schema = shape[key] as { safeParse(value: unknown): { readonly success: boolean } };
      return [key, schema.safeParse(text).success ? text : plainOrJson(text)];
    }),
  );
}
