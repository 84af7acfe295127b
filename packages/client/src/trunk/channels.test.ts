import { SimClock } from "@trunkline/testkit";
import { describe, expect, test } from "vitest";
import { Elapsed } from "../elapsed.ts";
import { TrunklineError } from "../errors.ts";
import type { Channel } from "../rest/channel.ts";
import type { Notifications } from "../rest/notifications.ts";
import { sampleChannel } from "../testing/samples.ts";
import { Channels } from "./channels.ts";

const { signal } = new AbortController();

/** The service's count of channels, and what the next request for one comes to. */
class FakeService {
  readonly clock = new SimClock();
  total = 0;
  /** Channels that the service shows to our token. */
  readonly shown: Channel[] = [];
  made = 0;
  counted = 0;
  /** Whether a channel of ours in use is without a socket. */
  isAnyDown = false;
  /** What the next request for a channel comes to, once. */
  next: (() => Channel) | undefined;

  channels(mayEvict = false, ownsTokens = true, left: readonly number[] = []): Channels {
    const calls: Pick<Notifications, "listChannels" | "makeChannel"> = {
      listChannels: async () => {
        this.counted++;
        return { total: this.total, shown: this.shown };
      },
      makeChannel: async () => {
        this.made++;
        const { next } = this;
        this.next = undefined;
        if (next !== undefined) return next();
        this.total = Math.min(20, this.total + 1);
        const channel = sampleChannel(`channel-${this.made}`);
        this.shown.push(channel);
        return channel;
      },
    };
    return new Channels(calls, new Elapsed(this.clock), {
      mayEvict,
      ownsTokens,
      left,
      isAnyDown: () => this.isAnyDown,
    });
  }

  /** The next request for a channel fails; another channel is there all the same, ours or not. */
  failNext(status: number | undefined, orphan?: Channel): void {
    this.next = () => {
      this.total++;
      if (orphan !== undefined) this.shown.push(orphan);
      throw new TrunklineError("SERVICE_FAILED", "No.", { status });
    };
  }
}

const taken = { code: "CHANNELS_TAKEN" };

describe("the budget of 20 channels", () => {
  test("others' channels take room from ours", async () => {
    const service = new FakeService();
    service.total = 17;
    const channels = service.channels();
    await channels.survey(signal);
    expect(channels.usable).toBe(3);
    for (const _ of [1, 2, 3]) await channels.take(signal);
    await expect(channels.take(signal)).rejects.toMatchObject(taken);
    expect(channels.counts()).toEqual({ ours: 3, others: 17, limit: 20 });
    expect(service.made).toBe(3);
  });

  test("nothing of others is evicted, unless that is allowed", async () => {
    const service = new FakeService();
    service.total = 20;
    const careful = service.channels();
    await careful.survey(signal);
    expect(careful.usable).toBe(0);
    await expect(careful.take(signal)).rejects.toMatchObject(taken);
    const bold = service.channels(true);
    expect(bold.usable).toBe(20);
    await bold.take(signal);
    expect(service.made).toBe(1);
  });

  test("litter of our own is evicted, one for one", async () => {
    const service = new FakeService();
    service.total = 18;
    const channels = service.channels();
    await channels.survey(signal);
    await channels.take(signal);
    await channels.take(signal);
    channels.leave("given-up");
    expect(channels.counts()).toEqual({ ours: 1, others: 18, limit: 20 });
    await channels.take(signal);
    await expect(channels.take(signal)).rejects.toMatchObject(taken);
  });

  test("litter is ours to evict for 24 h only: by then it has expired, and what is there is others'", async () => {
    const service = new FakeService();
    service.total = 18;
    const channels = service.channels();
    await channels.survey(signal);
    await channels.take(signal);
    await channels.take(signal);
    channels.leave("given-up");
    await service.clock.runUntil(24 * 3_600_000 + 1);
    await expect(channels.take(signal)).rejects.toMatchObject(taken);
    expect(channels.counts()).toEqual({ ours: 1, others: 19, limit: 20 });
  });

  describe("what earlier runs have left", () => {
    const hourMs = 3_600_000;

    test("is litter: with all 20 taken it is replaced one for one, and nothing of others is", async () => {
      const service = new FakeService();
      service.total = 20;
      const channels = service.channels(false, true, [hourMs, 2 * hourMs]);
      await channels.survey(signal);
      expect([channels.usable, channels.counts().others]).toEqual([2, 18]);
      await channels.take(signal);
      await channels.take(signal);
      await expect(channels.take(signal)).rejects.toMatchObject(taken);
      expect(channels.counts()).toEqual({ ours: 2, others: 18, limit: 20 });
    });

    test("is told in wall time, and counts until then only", async () => {
      const service = new FakeService();
      service.clock.stepWall(1_700_000_000_000);
      service.total = 20;
      const left = [-1, 0, hourMs, 2 * hourMs].map((ms) => 1_700_000_000_000 + ms);
      const channels = service.channels(false, true, left);
      await channels.survey(signal);
      expect(channels.usable).toBe(2);
      await service.clock.runUntil(hourMs + 1);
      await channels.survey(signal);
      expect(channels.usable).toBe(1);
      await service.clock.runUntil(2 * hourMs + 1);
      await channels.survey(signal);
      await expect(channels.take(signal)).rejects.toMatchObject(taken);
    });

    test("lives 24 h at most, whatever a wall clock that was set back says", async () => {
      const service = new FakeService();
      service.total = 20;
      const channels = service.channels(false, true, [24 * hourMs + 5_000, 1e15]);
      await channels.survey(signal);
      expect(channels.usable).toBe(2);
      await service.clock.runUntil(24 * hourMs + 1);
      await channels.survey(signal);
      expect(channels.usable).toBe(0);
    });

    test("is no more than the service lists: what is missing has expired, the oldest first", async () => {
      const service = new FakeService();
      service.total = 3;
      const left = [5, 1, 4, 2, 3].map((hours) => hours * hourMs);
      const channels = service.channels(false, true, left);
      await channels.survey(signal);
      expect(channels.counts().others).toBe(0);
      // Others take all the rest: room is what is left of ours, in the order in which it expires.
      service.total = 20;
      await channels.survey(signal);
      expect(channels.usable).toBe(3);
      await service.clock.runUntil(3 * hourMs + 1);
      await channels.survey(signal);
      expect(channels.usable).toBe(2);
    });

    test("is no more than the service lists besides the channels that lines use", async () => {
      const service = new FakeService();
      service.total = 20;
      const left = Array.from({ length: 20 }, (_, index) => hourMs + index);
      const channels = service.channels(false, true, left);
      await channels.survey(signal);
      for (let line = 1; line <= 3; line++) await channels.take(signal);
      // Two of the others have expired meanwhile, and another program has made as many.
      service.total = 18;
      await channels.survey(signal);
      service.total = 20;
      await channels.survey(signal);
      expect(channels.counts()).toEqual({ ours: 3, others: 2, limit: 20 });
      for (let line = 4; line <= 18; line++) await channels.take(signal);
      await expect(channels.take(signal)).rejects.toMatchObject(taken);
    });

    test("is no more than 20, however long the list", async () => {
      const service = new FakeService();
      service.total = 20;
      const left = Array.from({ length: 1_000 }, (_, index) => index + 1);
      const channels = service.channels(false, true, left);
      await service.clock.runUntil(990);
      await channels.survey(signal);
      expect(channels.usable).toBe(10);
    });
  });

  test("a channel that is gone makes room", async () => {
    const service = new FakeService();
    service.total = 19;
    const channels = service.channels();
    await channels.survey(signal);
    await channels.take(signal);
    channels.leave("expired");
    service.total--;
    await channels.take(signal);
    expect(service.made).toBe(2);
  });

  test("channels are counted before each that is made, and the spare one is left to replacements", async () => {
    const service = new FakeService();
    const channels = service.channels();
    await channels.take(signal, undefined, true);
    service.total = 18;
    await channels.take(signal, undefined, true);
    expect(service.counted).toBe(2);
    await expect(channels.take(signal, undefined, true)).rejects.toMatchObject(taken);
    await channels.take(signal);
    expect(service.made).toBe(3);
  });

  test.each([undefined, 500, 408])(
    "a channel that was made, though the request failed with %s, is found and taken",
    async (status) => {
      const service = new FakeService();
      service.total = 10;
      const channels = service.channels();
      await channels.survey(signal);
      const orphan = sampleChannel("orphan");
      service.failNext(status, orphan);
      await expect(channels.take(signal)).rejects.toBeDefined();
      expect(await channels.take(signal)).toBe(orphan);
      expect(await channels.take(signal)).not.toBe(orphan);
      expect(channels.counts()).toEqual({ ours: 2, others: 10, limit: 20 });
    },
  );

  test("what grew while a request failed is others', and is not evicted", async () => {
    const service = new FakeService();
    service.total = 19;
    const channels = service.channels();
    await channels.survey(signal);
    service.failNext(503);
    await expect(channels.take(signal)).rejects.toBeDefined();
    await expect(channels.take(signal)).rejects.toMatchObject(taken);
  });

  test("where others use our tokens too, a channel that we do not know is theirs", async () => {
    const service = new FakeService();
    const channels = service.channels(false, false);
    await channels.survey(signal);
    const theirs = sampleChannel("theirs");
    service.failNext(500, theirs);
    await expect(channels.take(signal)).rejects.toBeDefined();
    expect(await channels.take(signal)).not.toBe(theirs);
  });

  test("one is made at a time, so that the count holds", async () => {
    const service = new FakeService();
    service.total = 18;
    const channels = service.channels();
    await channels.survey(signal);
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map(() => channels.take(signal)));
    expect(outcomes.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "rejected",
      "rejected",
    ]);
  });

  test("one that was aborted before its turn takes none", async () => {
    const service = new FakeService();
    const channels = service.channels();
    await channels.survey(signal);
    await expect(channels.take(AbortSignal.abort())).rejects.toBeDefined();
    expect(service.made).toBe(0);
  });

  test("one channel is left to replace a session, where there is more than one", async () => {
    const service = new FakeService();
    const channels = service.channels();
    expect([channels.usable, channels.sessionsMax]).toEqual([20, 19]);
    for (const [others, sessions] of [
      [18, 1],
      [19, 1],
      [20, 0],
    ] as const) {
      service.total = others;
      await channels.survey(signal);
      expect(channels.sessionsMax).toBe(sessions);
    }
  });

  test("no channel is evicted while one of ours is only down", async () => {
    const service = new FakeService();
    service.total = 20;
    service.isAnyDown = true;
    const channels = service.channels(false, true, [3_600_000]);
    await channels.survey(signal);
    await expect(channels.take(signal)).rejects.toMatchObject(taken);
    service.isAnyDown = false;
    await channels.take(signal);
    expect(service.made).toBe(1);
  });

  describe("a retired channel", () => {
    test("is kept, and used again", async () => {
      const service = new FakeService();
      const channels = service.channels();
      const first = await channels.take(signal);
      channels.keep(first);
      expect(channels.counts()).toEqual({ ours: 0, others: 0, limit: 20 });
      expect(await channels.take(signal)).toBe(first);
      expect(service.made).toBe(1);
    });

    test("is not used again late in its life or its token's, nor with a token that must be another", async () => {
      const service = new FakeService();
      const channels = service.channels();
      channels.keep(await channels.take(signal));
      const other = { ...sampleChannel("x").token };
      await channels.take(signal, async () => other);
      expect(service.made).toBe(2);
      await service.clock.runUntil(20 * 3_600_000);
      await channels.take(signal);
      expect(service.made).toBe(3);
    });

    test("makes way when all 20 are taken", async () => {
      const service = new FakeService();
      service.total = 18;
      const channels = service.channels();
      await channels.survey(signal);
      channels.keep(await channels.take(signal));
      await channels.take(signal, async () => ({ ...sampleChannel("x").token }));
      await channels.take(signal, async () => ({ ...sampleChannel("x").token }));
      expect([service.made, channels.counts().others]).toEqual([3, 18]);
      await expect(channels.take(signal)).rejects.toMatchObject(taken);
    });

    test("is no more than the service lists besides those in use", async () => {
      const service = new FakeService();
      const channels = service.channels();
      const [first, second] = [await channels.take(signal), await channels.take(signal)];
      channels.keep(first);
      channels.keep(second);
      service.total = 1;
      await channels.survey(signal);
      expect(await channels.take(signal)).toBe(second);
      await channels.take(signal);
      expect(service.made).toBe(3);
    });
  });

  describe("making channels has a budget of its own", () => {
    test("30 in a minute", async () => {
      const service = new FakeService();
      const channels = service.channels(true);
      for (let nth = 0; nth < 30; nth++) await channels.take(signal);
      await expect(channels.take(signal)).rejects.toMatchObject({
        code: "CHANNEL_CONTENTION",
        retryAfterMs: 60_000,
      });
      await service.clock.runUntil(60_000);
      await channels.take(signal);
      expect(service.made).toBe(31);
    });

    test("and few where ours are evicted again and again", async () => {
      const service = new FakeService();
      service.total = 19;
      const channels = service.channels(true);
      await channels.survey(signal);
      for (let nth = 0; nth < 3; nth++) {
        expect(channels.isContended).toBe(false);
        await channels.take(signal);
        channels.leave("evicted");
      }
      expect(channels.isContended).toBe(true);
      await channels.take(signal);
      await channels.take(signal);
      await expect(channels.take(signal)).rejects.toMatchObject({ code: "CHANNEL_CONTENTION" });
      await service.clock.runUntil(600_001);
      expect(channels.isContended).toBe(false);
    });
  });
});
