/**
 * The window: what was read from the journal and is not yet done, in the order of the journal. It
 * slides: an item leaves it when it and everything before it is done, so that its size bounds how far
 * ahead of a slow key the others may run. Pure.
 */
import type { DeliveryOptions } from "../config/config.ts";
import type { Entry } from "../journal/entry.ts";
import type { Page } from "../journal/journal.ts";

/** An entry as the sink is to get it: a gap names only topics that the sink wants. */
export interface Item {
  readonly entry: Entry;
  /** What must stay in order among itself; undefined for a gap, which nothing passes. */
  readonly key: string | undefined;
  readonly bytes: number;
}

export interface Slot {
  readonly item: Item;
  readonly phase: "waiting" | "flying" | "done";
}

export interface Window {
  readonly slots: readonly Slot[];
  readonly bytes: number;
  /** Everything up to here was read. */
  readonly readTo: number;
}

export function emptyWindow(readTo: number): Window {
  return { slots: [], bytes: 0, readTo };
}

/** Everything up to and including this position is done. */
export function doneTo({ slots, readTo }: Window): number {
  const first = slots[0];
  return first === undefined ? readTo : first.item.entry.position - 1;
}

/** Slots that a window has at least, so that reading comes in pages. */
const slotsMin = 64;
/** Slots that it has at most, whatever the options say. */
const slotsMax = 20_000;

/** Slots of a window, about. */
export function slotsOf({ batchEntriesMax, inFlightMax }: DeliveryOptions): number {
  return Math.min(slotsMax, Math.max(slotsMin, 2 * batchEntriesMax * inFlightMax));
}

/** How much may be read on: while one half is under way the other is there already. */
export function room(
  { slots, bytes }: Window,
  options: DeliveryOptions,
): { readonly limit: number; readonly bytesMax: number } | undefined {
  const entries = slotsOf(options);
  const bytesMax = 2 * options.batchBytesMax * options.inFlightMax;
  if (slots.length > entries / 2 || bytes > bytesMax / 2) return undefined;
  return { limit: entries - slots.length, bytesMax: Math.max(1, bytesMax - bytes) };
}

/** Takes in a page, less what the sink does not want. */
export function admit(
  { slots, bytes }: Window,
  { entries, next }: Page,
  wants: (topic: string) => boolean,
): Window {
  const items = entries.flatMap((entry) => itemOf(entry, wants) ?? []);
  return {
    slots: [...slots, ...items.map((item) => ({ item, phase: "waiting" }) as const)],
    bytes: items.reduce((sum, item) => sum + item.bytes, bytes),
    readTo: next,
  };
}

/** What an entry takes besides its frame, about. */
const entryBytes = 200;

function itemOf(entry: Entry, wants: (topic: string) => boolean): Item | undefined {
  if (entry.kind === "event") {
    if (!wants(entry.topic)) return undefined;
    const key = (entry.entity ?? entry.topic).toLowerCase();
    return { entry, key, bytes: entry.raw.length };
  }
  const narrowed = narrow(entry.topics, wants);
  // A gap that names no topics may concern any.
  if (narrowed.length === 0 && entry.topics.length > 0) return undefined;
  const bytes = narrowed.reduce((sum, topic) => sum + topic.length, entryBytes);
  return { entry: { ...entry, topics: narrowed }, key: undefined, bytes };
}

function narrow(topics: readonly string[], wants: (topic: string) => boolean): readonly string[] {
  return topics.every(wants) ? topics : topics.filter(wants);
}

/**
 * The next batch: what waits and may start now, oldest first, at least one if any may. No key is in
 * two batches at a time; a gap starts only after everything before it, and nothing after it starts
 * before it is done. Within one batch order is the sink's to keep.
 */
export function nextBatch(
  { slots }: Window,
  { batchEntriesMax, batchBytesMax }: DeliveryOptions,
): readonly Item[] {
  const batch: Item[] = [];
  let bytes = 0;
  /** Keys of which something earlier is not done and not in this batch. */
  const held = new Set<string | undefined>();
  for (const { item, phase } of slots) {
    if (phase === "done") continue;
    const isGap = item.key === undefined;
    if (phase === "flying" || held.has(item.key) || (isGap && held.size > 0)) {
      if (isGap) break;
      held.add(item.key);
      continue;
    }
    if (batch.length > 0 && bytes + item.bytes > batchBytesMax) break;
    batch.push(item);
    bytes += item.bytes;
    if (batch.length >= batchEntriesMax) break;
  }
  return batch;
}

/** Marks items, and slides past what is done. Returns how many slots left. */
export function mark(
  window: Window,
  items: readonly Item[],
  phase: Slot["phase"],
): { readonly window: Window; readonly left: number } {
  if (items.length === 0) return { window, left: 0 };
  const marked = new Set(items);
  const slots = window.slots.map((slot) => (marked.has(slot.item) ? { ...slot, phase } : slot));
  const firstOpen = slots.findIndex((slot) => slot.phase !== "done");
  const left = firstOpen < 0 ? slots.length : firstOpen;
  const bytes = slots.slice(0, left).reduce((sum, { item }) => sum - item.bytes, window.bytes);
  return { window: { ...window, slots: slots.slice(left), bytes }, left };
}
