import { describe, expect, test } from "vitest";
import { queueTopic, Stage, type Frame } from "../testing/stage.ts";
import type { Settings } from "./settings.ts";

/** A stage on which three channels hold the same topics, each with a socket. */
function three(
  settings: Partial<Settings>,
  topics: (stage: Stage) => readonly string[],
): { stage: Stage; sockets: readonly number[] } {
  const stage = new Stage({ rate: 20, settings });
  const token = stage.token();
  const sockets = [1, 2, 3].map(() => {
    const channelId = stage.channel(token);
    stage.put(token, channelId, topics(stage));
    return stage.open(channelId);
  });
  return { stage, sockets };
}

describe("the order of fields", () => {
  const body = { id: "a", 7: "seven", name: "Zoë", nested: { b: 1, a: 2 }, last: null };
  const texts = (settings: Partial<Settings>): string[] => {
    const { stage } = three(settings, () => [queueTopic]);
    stage.cloud.emit(queueTopic, body, stage.nowMs);
    stage.cloud.emit(queueTopic, body, stage.nowMs);
    return stage.effects.map((effect) => {
      if (effect.type !== "send") return "";
      expect((JSON.parse(effect.text) as Frame).eventBody).toEqual(body);
      return /"eventBody":(\{.*\}),"metadata"/u.exec(effect.text)?.[1] ?? "";
    });
  };

  test("is the same on all channels", () => {
    expect(new Set(texts({}))).toEqual(new Set([JSON.stringify(body)]));
  });

  test("is another on each channel, and there always the same, where that is set", () => {
    const all = texts({ fieldOrder: "per-channel" });
    expect(new Set(all.slice(0, 3)).size).toBe(3);
    expect(all.slice(3)).toEqual(all.slice(0, 3));
  });
});

const observed = (settings: Partial<Settings>): Frame[][] => {
  const { stage, sockets } = three(settings, ({ cloud }) =>
    cloud.world.queues.map((queue) => `v2.analytics.queues.${queue.id}.observations`),
  );
  stage.pass(60_000);
  return sockets.map((id) => stage.frames(id).filter((frame) => frame.version === "2"));
};
const bodies = (frames: readonly Frame[]): string[] =>
  frames.map((frame) => JSON.stringify(frame.eventBody));
const instants = (frames: readonly Frame[], topic: string): number[] =>
  frames
    .filter((frame) => frame.topicName === topic)
    .flatMap((frame) => /"interval":"([^/]+)\/\1"/u.exec(JSON.stringify(frame))?.[1] ?? [])
    .map(Date.parse);

const counts = (frames: readonly Frame[]): string[] =>
  bodies(frames).map((body) => body.replaceAll(/"interval":"[^"]*"/gu, ""));

describe("observations of a queue", () => {
  test("are the same for all channels", () => {
    const [one = [], two = []] = observed({});
    expect(one.length).toBeGreaterThan(20);
    expect(bodies(one)).toEqual(bodies(two));
  });

  test("are made for each channel at instants of its own, where that is set", () => {
    const same = observed({})[0] ?? [];
    const [one = [], two = [], three = []] = observed({ observationSampling: "per-channel" });
    for (const frames of [one, two, three]) expect(counts(frames)).toEqual(counts(same));
    const topic = one[0]?.topicName ?? "";
    for (const frames of [one, two, three]) {
      const times = instants(frames, topic);
      expect(times.length).toBeGreaterThan(2);
      for (const [index, time] of times.entries())
        expect(time - (times[index - 1] ?? 0)).toBeGreaterThanOrEqual(1000);
    }
    const apart = new Set([one, two, three].map((frames) => instants(frames, topic)[0]));
    expect(apart.size).toBe(3);
  });
});
