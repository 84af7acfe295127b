import { expect, test } from "vitest";
import { centreOf, centreStartMs, passUntil } from "../testing/centre-stage.ts";
import { dayMs, flowsUntil, livelinessAt } from "./tide.ts";

const hourMs = 3_600_000;
const midnightMs = Date.parse("2026-03-02T00:00:00.000Z");
const hours = Array.from({ length: 24 }, (_, hour) => midnightMs + hour * hourMs);

test("a day has two humps, a still night, and the mean of 1", () => {
  const curve = hours.map(livelinessAt);
  expect(curve.reduce((sum, one) => sum + one, 0) / 24).toBeCloseTo(1);
  const humps = curve.filter(
    (one, hour) => one > (curve.at(hour - 1) ?? 0) && one > (curve[(hour + 1) % 24] ?? 0),
  );
  expect(humps).toHaveLength(2);
  expect(Math.max(...curve)).toBeGreaterThan(2);
  expect(Math.min(...curve)).toBeGreaterThan(0);
  expect(Math.min(...curve)).toBeLessThan(0.1);
});

test("as much flows in an hour as it is lively, and a day's flow in a day", () => {
  for (const [hour, fromMs] of hours.entries()) {
    const flowMs = hourMs * livelinessAt(fromMs);
    expect(flowsUntil("day", fromMs, flowMs)).toBeCloseTo(fromMs + hourMs, 3);
    expect(flowsUntil("day", fromMs + hour, dayMs)).toBeCloseTo(fromMs + hour + dayMs, 3);
    expect(flowsUntil("flat", fromMs, flowMs)).toBe(fromMs + flowMs);
  }
});

/** Arrivals and agents on queue by hour, over some days. */
function observe(rhythm: "flat" | "day"): { arrivals: number[]; onQueue: number[] } {
  const days = 3;
  const centre = centreOf({ rate: 2, rhythm, atMs: midnightMs, conversationsKeptMax: 100_000 });
  const onQueue = hours.map(() => 0);
  for (let hour = 0; hour < 24 * days; hour += 1) {
    passUntil(centre, midnightMs + (hour + 0.5) * hourMs);
    const there = centre.records.people.filter(({ presence }) => presence === "ON_QUEUE").length;
    onQueue[hour % 24] = (onQueue[hour % 24] ?? 0) + there / days;
  }
  const arrivals = hours.map(() => 0);
  for (const { startMs } of centre.records.startedBetween(midnightMs, midnightMs + days * dayMs)) {
    const hour = Math.floor((startMs % dayMs) / hourMs);
    arrivals[hour] = (arrivals[hour] ?? 0) + 1 / days;
  }
  return { arrivals, onQueue };
}

function deviations(list: readonly number[]): readonly number[] {
  const mean = list.reduce((sum, each) => sum + each, 0) / list.length;
  return list.map((each) => each - mean);
}

function product(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, each, index) => sum + each * (other[index] ?? 0), 0);
}

/** The correlation of two curves. */
function likeness(one: readonly number[], other: readonly number[]): number {
  const [a, b] = [deviations(one), deviations(other)];
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}

test("customers follow the curve of the day, and agents are there when customers come", () => {
  const { arrivals, onQueue } = observe("day");
  expect(likeness(arrivals, hours.map(livelinessAt))).toBeGreaterThan(0.95);
  expect(likeness(arrivals, onQueue)).toBeGreaterThan(0.85);
  expect(Math.max(...onQueue)).toBeGreaterThan(10);
  expect(Math.min(...onQueue)).toBeLessThan(3);
});

test("in a flat world every hour is alike", () => {
  const { arrivals, onQueue } = observe("flat");
  const mean = arrivals.reduce((sum, one) => sum + one, 0) / 24;
  for (const one of arrivals) expect(Math.abs(one / mean - 1)).toBeLessThan(0.35);
  expect(Math.min(...onQueue)).toBeGreaterThan(15);
});

test("a shift goes from login to logout, with breaks and a meal, about eight hours long", () => {
  const centre = centreOf({ rate: 1, rhythm: "day", atMs: midnightMs });
  passUntil(centre, midnightMs + 3 * dayMs);
  for (const { presences } of centre.records.people) {
    const begins = presences.findIndex(
      ({ status }, index) => status === "AVAILABLE" && presences[index - 1]?.status === "OFFLINE",
    );
    const end = presences.findIndex(({ status }, at) => at > begins && status === "OFFLINE");
    const shift = presences.slice(begins, end + 1);
    const path = shift.map(({ status }) => status);
    expect(path[1]).toBe("ON_QUEUE");
    expect(path).toContain("BREAK");
    expect(path).toContain("MEAL");
    const lasts = (shift.at(-1)?.atMs ?? 0) - (shift[0]?.atMs ?? 0);
    expect(lasts / hourMs).toBeGreaterThan(7.5);
    expect(lasts / hourMs).toBeLessThan(8.8);
  }
});

test("a world that starts in the middle of the day finds its agents at work", () => {
  const atWork = centreOf({ rate: 5, rhythm: "day", atMs: centreStartMs + 3 * hourMs }).records;
  const asleep = centreOf({ rate: 5, rhythm: "day", atMs: midnightMs + hourMs }).records;
  const online = ({ people }: typeof atWork): number =>
    people.filter(({ presence }) => presence !== "OFFLINE").length;
  expect(online(atWork)).toBeGreaterThan(12);
  expect(online(asleep)).toBeLessThan(5);
  for (const { presence, atStation } of atWork.people)
    expect(atStation).toBe(presence !== "OFFLINE");
});
