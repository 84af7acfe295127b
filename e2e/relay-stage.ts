/** A relay under load in front of a mock that the test holds in its hands, and the books of both. */
import { join } from "node:path";
import type { LedgerEntry, RunningMock } from "@trunkline/mock";
import { mockHere, onEnd } from "../packages/cli/src/testing/processes.ts";
import { expectBalanced, expectUnbroken, lookAtDisk, weigh, type Disk } from "./relay-books.ts";
import {
  eventually,
  folder,
  Reader,
  startRelay,
  writeConfig,
  type Launcher,
  type RelayProcess,
} from "./relay-rig.ts";

export interface StageOptions {
  /** Where the relay finds the mock, if not directly. */
  readonly apiUrl?: string;
  readonly trunk?: Readonly<Record<string, unknown>>;
  readonly launcher?: Launcher | undefined;
}

/** A relay under load, and what it is to be held against. */
export class Stage {
  relay: RelayProcess;
  readonly topics: readonly string[];
  /** Those of them that the books are about. */
  readonly carried: Set<string>;
  readonly config: string;
  readonly #dir: string;
  readonly #launcher: Launcher | undefined;
  readonly #reader = new Reader();
  readonly #ledgers: (readonly LedgerEntry[])[] = [];
  #mock: RunningMock;
  #countFromMs = Number.POSITIVE_INFINITY;
  #beat: NodeJS.Timeout | undefined;
  #n = 0;

  constructor(
    mock: RunningMock,
    policy: Readonly<Record<string, string>>,
    { apiUrl = mock.apiUrl, trunk = {}, launcher }: StageOptions = {},
  ) {
    const { queues, agents } = mock.cloud.world;
    this.topics = [
      ...queues.slice(0, 3).map(({ id }) => `v2.routing.queues.${id}.conversations`),
      ...agents.slice(0, 2).map(({ id }) => `v2.users.${id}.presence`),
    ];
    this.#mock = mock;
    this.#dir = folder();
    this.carried = new Set(this.topics);
    const { clientId } = mock;
    const place = { apiUrl, clientId };
    this.config = writeConfig({ dir: this.#dir, mock: place, topics: this.topics, policy, trunk });
    this.#launcher = launcher;
    this.relay = startRelay(this.config, mock.clientSecret, launcher);
  }

  get mock(): RunningMock {
    return this.#mock;
  }

  /** Kills the relay, and starts it again. */
  async restart(): Promise<void> {
    await this.relay.kill();
    this.relay = startRelay(this.config, this.#mock.clientSecret, this.#launcher);
    void this.#reader.follow(await this.relay.url);
  }

  async live(): Promise<void> {
    void this.#reader.follow(await this.relay.url);
    this.#countFromMs = this.#mock.nowMs();
    this.#beat = setInterval(() => this.#emit({}), 5);
    onEnd(() => clearInterval(this.#beat));
    await this.flows();
  }

  #emit(more: object, topic = this.topics[this.#n % this.topics.length] ?? ""): number {
    this.#mock.cloud.emit(topic, { n: ++this.#n, ...more }, this.#mock.nowMs());
    return this.#n;
  }

  /** Waits until what is emitted only now has arrived on each topic. */
  async flows(): Promise<void> {
    const from = this.#n;
    await eventually("events on all topics", () => {
      const news = this.#reader.lines
        .slice(-500)
        .filter((line) => Number(/"n":(\d+)/u.exec(line)?.[1]) > from);
      return this.topics.every((topic) => news.some((line) => line.includes(topic)));
    });
  }

  /** Emits nothing more while there is no cloud; its ledger is kept. */
  async cloudGone(): Promise<number> {
    clearInterval(this.#beat);
    this.#ledgers.push(this.#mock.cloud.ledger.query().entries);
    const { port } = this.#mock;
    await this.#mock.close();
    return port;
  }

  cloudBack(mock: RunningMock): void {
    this.#mock = mock;
    this.#beat = setInterval(() => this.#emit({}), 5);
  }

  /** A stop, and what is on disk: for clocks that no ledger can be compared with. */
  async ended(): Promise<Disk> {
    clearInterval(this.#beat);
    await this.relay.stop();
    return lookAtDisk(join(this.#dir, "data"));
  }

  /** A line at the end, a stop, and the books: what is missing lies in a gap. */
  async books(): Promise<Disk> {
    await this.flows();
    clearInterval(this.#beat);
    const last = this.topics.map((topic) => this.#emit({ last: true }, topic));
    await eventually("the last events", () =>
      last.every((n) => this.#reader.lines.slice(-100).some((line) => line.includes(`"n":${n},`))),
    );
    await this.relay.stop();
    const disk = await lookAtDisk(join(this.#dir, "data"));
    const ledger = [...this.#ledgers.flat(), ...this.#mock.cloud.ledger.query().entries];
    const counted = ledger.filter(
      ({ atMs, topic }) => atMs >= this.#countFromMs && this.carried.has(topic),
    );
    expectUnbroken(disk);
    expectBalanced(weigh(counted, ledger, disk));
    return disk;
  }
}

export async function stage(
  policy: Readonly<Record<string, string>> = {},
  options: StageOptions = {},
  mock?: RunningMock,
): Promise<Stage> {
  const made = new Stage(mock ?? (await mockHere()), policy, options);
  await made.live();
  return made;
}
