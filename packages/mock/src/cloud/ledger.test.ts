import { describe, expect, test } from "vitest";
import { LedgerBook } from "./ledger.ts";

const limits = { ledgerEntriesMax: 5, ledgerBodyCharactersMax: 100, historyMax: 3 };

function filled(count: number, body = "{}"): LedgerBook {
  const ledger = new LedgerBook(limits);
  for (let index = 1; index <= count; index += 1) {
    ledger.record({
      atMs: index * 10,
      topic: index % 2 === 0 ? "v2.Even" : "v2.odd",
      correlationId: `c${index}`,
      body,
      deliveries: [],
    });
  }
  return ledger;
}

const sequences = (ledger: LedgerBook, query: Parameters<LedgerBook["query"]>[0]): number[] =>
  ledger.query(query).entries.map((entry) => entry.sequence);

describe("the ledger", () => {
  test("is empty before the first event", () => {
    expect(filled(0).query()).toEqual({
      entries: [],
      oldest: undefined,
      newest: 0,
      forgotten: 0,
      more: false,
    });
  });

  test("numbers events without holes", () => {
    expect(sequences(filled(4), {})).toEqual([1, 2, 3, 4]);
  });

  test.each([
    [{ since: 2 }, [3, 4, 5]],
    [{ since: 99 }, []],
    [{ topic: "v2.even" }, [2, 4]],
    [{ fromMs: 20, untilMs: 40 }, [2, 3]],
    [{ fromMs: 20, topic: "V2.ODD", since: 3 }, [5]],
  ])("is asked by %j", (query, expected) => {
    expect(sequences(filled(5), query)).toEqual(expected);
  });

  test("says that there is more only when there is", () => {
    const ledger = filled(5);
    expect(ledger.query({ limit: 4 })).toMatchObject({ more: true });
    expect(ledger.query({ limit: 5 })).toMatchObject({ more: false });
    expect(ledger.query({ limit: 2, topic: "v2.even" })).toMatchObject({ more: false });
  });

  test("keeps so many, and says truthfully what it no longer has", () => {
    const ledger = filled(8);
    expect(ledger.query()).toMatchObject({ oldest: 4, newest: 8, forgotten: 3 });
    expect(sequences(ledger, {})).toEqual([4, 5, 6, 7, 8]);
    expect(ledger.query({ since: 2 }).forgotten).toBe(1);
    expect(ledger.query({ since: 3 }).forgotten).toBe(0);
    expect(ledger.query({ since: 7 }).forgotten).toBe(0);
  });

  test("lets the oldest bodies go first, and keeps the entries", () => {
    const ledger = filled(5, "x".repeat(40));
    expect(ledger.query().entries.map((entry) => entry.body?.length)).toEqual([
      undefined,
      undefined,
      undefined,
      40,
      40,
    ]);
    const flood = filled(500, "x".repeat(40));
    expect(flood.query().entries.filter((entry) => entry.body !== undefined)).toHaveLength(2);
  });

  test("lets go even of a body that is larger than all that it may keep", () => {
    const ledger = filled(3, "x".repeat(101));
    expect(ledger.query().entries.map((entry) => entry.body)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("keeps so much history", () => {
    const ledger = filled(0);
    for (let index = 1; index <= 5; index += 1) ledger.note({ atMs: index, what: `h${index}` });
    expect(ledger.history().map((entry) => entry.what)).toEqual(["h3", "h4", "h5"]);
    expect(ledger.history(4)).toEqual([{ sequence: 5, atMs: 5, what: "h5" }]);
  });
});
