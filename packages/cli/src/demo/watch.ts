/** Sees in the mock's state when the demo's line has replaced a session, and why. */
import type { RunningMock } from "@trunkline/mock";
import type { Interruption } from "./programme.ts";

export interface Mark {
  readonly name: Interruption;
  /** In the mock's clock. */
  readonly atMs: number;
}

interface Seen {
  readonly channelId: string;
  readonly tokenId: number;
}

/** So long after an announced close the new session is the answer to it. */
const answerMs = 4_000;

export class Watch {
  readonly #mock: Pick<RunningMock, "cloud" | "nowMs">;
  readonly #isOurs: (channelId: string) => boolean;
  readonly #marks: Mark[] = [];
  #newest: Seen | undefined;

  constructor(mock: Pick<RunningMock, "cloud" | "nowMs">, isOurs: (channelId: string) => boolean) {
    this.#mock = mock;
    this.#isOurs = isOurs;
  }

  get marks(): readonly Mark[] {
    return this.#marks;
  }

  note(name: Interruption): void {
    this.#marks.push({ name, atMs: this.#mock.nowMs() });
  }

  /** Called every now and then: a socket on another channel is a session that was replaced. */
  look(): void {
    const { channels, sockets } = this.#mock.cloud.state();
    const newest = sockets.findLast(({ channelId }) => this.#isOurs(channelId));
    const channel = channels.find(({ channelId }) => channelId === newest?.channelId);
    if (channel === undefined) return;
    const before = this.#newest;
    this.#newest = { channelId: channel.channelId, tokenId: channel.tokenId };
    if (before === undefined || before.channelId === channel.channelId) return;
    const last = this.#marks.at(-1);
    const isAnswer = last?.name === "announced close" && this.#mock.nowMs() - last.atMs < answerMs;
    if (isAnswer) return;
    this.note(before.tokenId === channel.tokenId ? "channel expiry" : "token renewal");
  }
}
