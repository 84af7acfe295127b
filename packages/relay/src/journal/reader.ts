/** Reads a journal's database, on a connection of its own where another thread writes. */
import { formatCursor } from "./cursor.ts";
import {
  numberOf,
  numberOrUndefined,
  rollback,
  textOf,
  type Database,
  type Row,
  type Statement,
} from "./database.ts";
import type { Entry, EventEntry, GapEntry, KnownConversation, UsedChannel } from "./entry.ts";
import type {
  ConsumerState,
  Coverage,
  CoverageQuery,
  DeadLetter,
  DeadLetterQuery,
  GapQuery,
  KeptText,
  Page,
  ReadQuery,
  TrunkMemory,
} from "./journal.ts";
import { derivedOf, isGap, isMaybeDuplicate } from "./kind.ts";
import { provenMsOf } from "./store-coverage.ts";
import type { GapRecord } from "./store-gaps.ts";
import { subjectOf } from "./subject.ts";

interface Named {
  readonly trunk: string;
  readonly organizationId: string | undefined;
  readonly topic: string;
  readonly types: readonly string[];
  readonly entity: string | undefined;
}

const pageBytes = 1_048_576;

export class Reader {
  readonly #journalId: string;
  readonly #topicsMax: number;
  readonly #database: Database;
  readonly #entries: Statement;
  readonly #name: Statement;
  readonly #trims: Statement;
  readonly #trimmedTopics: Statement;
  readonly #origin: Statement;
  readonly #channels: Statement;
  readonly #conversations: Statement;
  readonly #subscriptions: Statement;
  readonly #consumers: Statement;
  readonly #letters: Statement;
  readonly #coverage: Statement;
  readonly #openCoverage: Statement;
  readonly #lastCoverage: Statement;
  readonly #unsettled: Statement;
  readonly #gaps: Statement;
  /** Names never change under a number, and numbers are never used again. */
  readonly #names = new Map<number, Named>();

  constructor(database: Database, journalId: string, topicsMax: number) {
    this.#database = database;
    this.#journalId = journalId;
    this.#topicsMax = topicsMax;
    this.#entries = database.prepare(
      `SELECT position, kind, topic, received_ms, raw FROM entries
       WHERE position > ? AND position <= ? ORDER BY position LIMIT ?`,
    );
    this.#name = database.prepare(
      `SELECT o.trunk, o.organization_id, t.name
       FROM topics t JOIN origins o ON o.id = t.origin WHERE t.id = ?`,
    );
    this.#trims = database.prepare(
      `SELECT trunk, max(last_position) AS last, min(from_ms) AS from_ms, max(to_ms) AS to_ms,
         max(at_ms) AS at_ms
       FROM trims WHERE last_position > ? GROUP BY trunk ORDER BY last`,
    );
    this.#trimmedTopics = database.prepare(
      "SELECT topic FROM trimmed_topics WHERE trunk = ? AND last_position > ? ORDER BY key",
    );
    this.#origin = database.prepare(
      "SELECT organization_id FROM origins WHERE trunk = ? ORDER BY id DESC LIMIT 1",
    );
    this.#channels = database.prepare("SELECT channels FROM trunks WHERE name = ?");
    this.#subscriptions = database.prepare("SELECT id, state FROM subscriptions ORDER BY id");
    this.#conversations = database.prepare(
      "SELECT id, state, touched_ms FROM conversations WHERE trunk = ? ORDER BY touched_ms, id",
    );
    this.#consumers = database.prepare(
      `SELECT name, position, is_enabled,
         (SELECT count(*) FROM dead_letters d WHERE d.consumer = c.name) AS letters
       FROM consumers c ORDER BY name`,
    );
    this.#letters = database.prepare(
      `SELECT id, entry, reason, at_ms FROM dead_letters
       WHERE consumer = ? AND id > ? ORDER BY id LIMIT ?`,
    );
    const coverage = `SELECT c.*, ifnull(c.proven_ms, l.proven_ms) AS proven_ms
       FROM coverage c LEFT JOIN lines l ON l.id = c.line_id WHERE c.trunk = ?`;
    this.#coverage = database.prepare(`${coverage} ORDER BY c.id`);
    this.#openCoverage = database.prepare(`${coverage} AND c.until_ms IS NULL ORDER BY c.id`);
    this.#lastCoverage = database.prepare(
      `WITH proven AS (
         SELECT key, max(id) AS id FROM coverage
         WHERE trunk = ?1 AND until_ms IS NOT NULL AND proven_ms > from_ms GROUP BY key)
       ${coverage.replace("?", "?1")}
         AND c.id >= ifnull((SELECT id FROM proven WHERE proven.key = c.key), 0) ORDER BY c.id`,
    );
    this.#unsettled = database.prepare(
      `SELECT trunk FROM coverage WHERE until_ms IS NULL
       UNION SELECT trunk FROM gaps WHERE is_open = 1 ORDER BY trunk`,
    );
    this.#gaps = database.prepare(
      `SELECT g.*, o.organization_id FROM gaps g LEFT JOIN origins o ON o.id = g.origin
       WHERE (?1 IS NULL OR g.trunk = ?1) AND (?2 IS NULL OR g.is_open = ?2)
       ORDER BY g.first_position LIMIT ?3`,
    );
  }

  /** Entries up to `head`, so that nothing is seen before its commit has been told. */
  read({ after, limit, bytesMax = pageBytes }: ReadQuery, head: number): Page {
    const page = this.#page(after, head, limit, bytesMax);
    const isWhole = after >= head || page.entries[0]?.position === after + 1;
    return isWhole || limit < 1 ? page : this.#pageWithMissed(after, head, limit, bytesMax);
  }

  consumers(): readonly ConsumerState[] {
    return this.#consumers.all().map((row) => ({
      name: textOf(row, "name"),
      position: numberOf(row, "position"),
      isEnabled: numberOf(row, "is_enabled") === 1,
      deadLetters: numberOf(row, "letters"),
    }));
  }

  subscriptions(): readonly KeptText[] {
    return this.#subscriptions
      .all()
      .map((row) => ({ id: textOf(row, "id"), state: textOf(row, "state") }));
  }

  deadLetters(consumer: string, { after = 0, limit }: DeadLetterQuery): readonly DeadLetter[] {
    return this.#letters.all(consumer, after, limit).map((row) => ({
      id: numberOf(row, "id"),
      entry: entryOf(textOf(row, "entry")),
      reason: textOf(row, "reason"),
      atMs: numberOf(row, "at_ms"),
    }));
  }

  coverage(trunk: string, only?: CoverageQuery): readonly Coverage[] {
    return this.#intervals(only)
      .all(trunk)
      .map((row) => {
        const untilMs = numberOrUndefined(row["until_ms"]);
        return {
          topic: textOf(row, "topic"),
          line: numberOf(row, "line"),
          fromMs: numberOf(row, "from_ms"),
          fromPosition: numberOf(row, "from_position"),
          untilMs,
          untilPosition: numberOrUndefined(row["until_position"]),
          provenMs: untilMs === undefined ? provenMsOf(row) : numberOf(row, "proven_ms"),
        };
      });
  }

  #intervals(only: CoverageQuery | undefined): Statement {
    if (only === undefined) return this.#coverage;
    return "isOpen" in only ? this.#openCoverage : this.#lastCoverage;
  }

  unsettled(): readonly string[] {
    return this.#unsettled.all().map((row) => textOf(row, "trunk"));
  }

  trunk(name: string): TrunkMemory | undefined {
    const origin = this.#origin.get(name);
    const kept = this.#channels.get(name);
    if (origin === undefined && kept === undefined) return undefined;
    const channels =
      kept === undefined ? [] : (JSON.parse(textOf(kept, "channels")) as readonly UsedChannel[]);
    return { organizationId: organizationOf(origin), channels };
  }

  conversations(trunk: string): readonly KnownConversation[] {
    return this.#conversations.all(trunk).map((row) => ({
      id: textOf(row, "id"),
      state: JSON.parse(textOf(row, "state")) as KnownConversation["state"],
      touchedMs: numberOf(row, "touched_ms"),
    }));
  }

  gaps({ trunk, isOpen, limit }: GapQuery): readonly GapEntry[] {
    const filter = isOpen === undefined ? null : Number(isOpen);
    return this.#gaps.all(trunk ?? null, filter, limit).map((row) => {
      const position = numberOf(row, "last_position");
      const latest = JSON.parse(textOf(row, "latest")) as GapRecord;
      const open = JSON.parse(textOf(row, "open_topics")) as readonly string[];
      return {
        ...this.#place(position, {
          trunk: textOf(row, "trunk"),
          organizationId: organizationOf(row),
        }),
        ...gapOf(textOf(row, "gap_id"), latest),
        ...(open.length > 0 ? { topics: open } : {}),
      };
    });
  }

  #page(after: number, head: number, limit: number, bytesMax: number): Page {
    const entries: Entry[] = [];
    let next = after;
    let bytes = 0;
    if (after >= head || limit < 1) return { entries, next };
    for (const row of this.#entries.iterate(after, head, limit)) {
      const entry = this.#entry(row);
      entries.push(entry);
      next = entry.position;
      bytes += textOf(row, "raw").length;
      if (bytes >= bytesMax) break;
    }
    return { entries, next };
  }

  /** Something after this place was deleted: that comes first. In one snapshot, since a trim may be under way. */
  #pageWithMissed(after: number, head: number, limit: number, bytesMax: number): Page {
    this.#database.exec("BEGIN");
    try {
      const missed = this.#missed(after);
      const last = missed.at(-1)?.position ?? after;
      const room = Math.max(0, limit - missed.length);
      const page = this.#page(last, head, room, bytesMax);
      return { entries: [...missed, ...page.entries], next: Math.max(last, page.next) };
    } finally {
      rollback(this.#database);
    }
  }

  /**
   * What a reader at a place has missed by retention, one gap for each trunk. The last stands at the
   * last deleted place; others, if any, at the reader's own: whoever takes some only and comes
   * back is told all again, rather than skipping one.
   */
  #missed(after: number): readonly GapEntry[] {
    const rows = this.#trims.all(after);
    const deletedUntil = numberOf(rows.at(-1), "last");
    return rows.map((row, index) => {
      const trunk = textOf(row, "trunk");
      const topics = this.#trimmedTopics.all(trunk, after).map((topic) => textOf(topic, "topic"));
      const isLast = index === rows.length - 1;
      return {
        ...this.#place(isLast ? deletedUntil : after, {
          trunk,
          organizationId: organizationOf(this.#origin.get(trunk)),
        }),
        ...gapOf(`retention-${after}-${deletedUntil}`, {
          state: "closed",
          topics,
          fromMs: numberOf(row, "from_ms"),
          toMs: numberOf(row, "to_ms"),
          cause: "retention",
          certainty: "certain",
          serverOffsetMs: undefined,
          recordedAtMs: numberOf(row, "at_ms"),
        }),
      };
    });
  }

  #entry(row: Row): Entry {
    const position = numberOf(row, "position");
    const named = this.#named(numberOf(row, "topic"));
    const raw = textOf(row, "raw");
    const kind = numberOf(row, "kind");
    if (isGap(kind)) {
      const draft = JSON.parse(raw) as GapRecord & { readonly gapId: string };
      return { ...this.#place(position, named), ...gapOf(draft.gapId, draft) };
    }
    const cursor = formatCursor(this.#journalId, position);
    const derived = derivedOf(kind);
    return {
      kind: "event",
      position,
      cursor,
      id: cursor,
      trunk: named.trunk,
      organizationId: named.organizationId,
      topic: named.topic,
      types: derived.length === 0 ? named.types : [...named.types, ...derived],
      entity: named.entity,
      receivedAtMs: numberOf(row, "received_ms"),
      source: "live",
      gapId: undefined,
      maybeDuplicate: isMaybeDuplicate(kind),
      raw,
    };
  }

  #place(
    position: number,
    { trunk, organizationId }: Pick<Named, "trunk" | "organizationId">,
  ): Pick<Entry, "position" | "cursor" | "trunk" | "organizationId"> {
    return { position, cursor: formatCursor(this.#journalId, position), trunk, organizationId };
  }

  #named(id: number): Named {
    const known = this.#names.get(id);
    if (known !== undefined) return known;
    const row = this.#name.get(id) ?? {};
    const topic = textOf(row, "name");
    const named: Named = {
      trunk: textOf(row, "trunk"),
      organizationId: organizationOf(row),
      topic,
      ...subjectOf(topic),
    };
    if (this.#names.size >= this.#topicsMax) this.#names.clear();
    this.#names.set(id, named);
    return named;
  }
}

function organizationOf(row: Row | undefined): string | undefined {
  const value = row?.["organization_id"];
  return value === null || value === undefined ? undefined : String(value);
}

function gapOf(
  gapId: string,
  { state, topics, fromMs, toMs, cause, certainty, serverOffsetMs, recordedAtMs }: GapRecord,
): Omit<GapEntry, "position" | "cursor" | "trunk" | "organizationId"> {
  return {
    kind: "gap",
    gapId,
    state,
    topics,
    fromMs,
    toMs,
    cause,
    certainty: certainty ?? "possible",
    serverOffsetMs,
    recordedAtMs,
  };
}

/** JSON leaves out what is undefined; older ones lack what there was not yet. */
function entryOf(text: string): Entry {
  const entry = JSON.parse(text) as Entry;
  const { organizationId } = entry;
  return entry.kind === "event"
    ? {
        ...entry,
        organizationId,
        entity: entry.entity,
        gapId: entry.gapId,
        maybeDuplicate: (entry as Partial<EventEntry>).maybeDuplicate ?? false,
      }
    : {
        ...entry,
        organizationId,
        toMs: entry.toMs,
        serverOffsetMs: entry.serverOffsetMs,
        certainty: (entry as Partial<GapEntry>).certainty ?? "possible",
      };
}
