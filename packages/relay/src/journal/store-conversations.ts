/** What is known of conversations, so that event types derived of the next snapshots are right after any end of a run. */
import type { ConversationsStep } from "./batch.ts";
import type { Database, Statement } from "./database.ts";

export class StoreConversations {
  readonly #keep: Statement;
  readonly #forget: Statement;

  constructor(database: Database) {
    this.#keep = database.prepare(
      "INSERT OR REPLACE INTO conversations (trunk, id, state, touched_ms) VALUES (?, ?, ?, ?)",
    );
    this.#forget = database.prepare("DELETE FROM conversations WHERE trunk = ? AND id = ?");
  }

  change({ trunk, rows }: ConversationsStep): void {
    for (const { id, state, touchedMs } of rows) {
      if (state === undefined) this.#forget.run(trunk, id);
      else this.#keep.run(trunk, id, state, touchedMs);
    }
  }
}
