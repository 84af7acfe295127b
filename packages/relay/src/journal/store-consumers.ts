/** Consumers' places, and what their destinations refused. What cannot be done is answered, never thrown. */
import type { Answer, Question } from "./batch.ts";
import { numberOf, type Database, type Statement } from "./database.ts";

type ConsumerQuestion = Exclude<Question, { readonly kind: "trim" | "keep-subscription" }>;
type Change = Exclude<ConsumerQuestion, { readonly kind: "open-consumer" | "remove-consumer" }>;

const done: Answer = { kind: "done" };

export class StoreConsumers {
  readonly #consumersMax: number;
  readonly #get: Statement;
  readonly #count: Statement;
  readonly #letters: Statement;
  readonly #add: Statement;
  readonly #move: Statement;
  readonly #enable: Statement;
  readonly #remove: Statement;
  readonly #removeLetters: Statement;
  readonly #addLetter: Statement;
  readonly #removeLetter: Statement;
  readonly #floor: Statement;

  constructor(database: Database, consumersMax: number) {
    this.#consumersMax = consumersMax;
    this.#get = database.prepare("SELECT position, is_enabled FROM consumers WHERE name = ?");
    this.#count = database.prepare("SELECT count(*) AS n FROM consumers");
    this.#letters = database.prepare("SELECT count(*) AS n FROM dead_letters WHERE consumer = ?");
    this.#add = database.prepare(
      "INSERT INTO consumers (name, position, is_enabled) VALUES (?, ?, 1)",
    );
    this.#move = database.prepare("UPDATE consumers SET position = ? WHERE name = ?");
    this.#enable = database.prepare("UPDATE consumers SET is_enabled = ? WHERE name = ?");
    this.#remove = database.prepare("DELETE FROM consumers WHERE name = ?");
    this.#removeLetters = database.prepare("DELETE FROM dead_letters WHERE consumer = ?");
    this.#addLetter = database.prepare(
      "INSERT INTO dead_letters (consumer, entry, reason, at_ms) VALUES (?, ?, ?, ?)",
    );
    this.#removeLetter = database.prepare(
      "DELETE FROM dead_letters WHERE id = ? AND consumer = ? RETURNING id",
    );
    this.#floor = database.prepare("SELECT min(position) AS n FROM consumers WHERE is_enabled = 1");
  }

  /** Everything up to here has been had by every enabled consumer; undefined without any. */
  floor(): number | undefined {
    const floor = this.#floor.get()?.["n"];
    return floor === null || floor === undefined ? undefined : Number(floor);
  }

  answer(question: ConsumerQuestion, head: number): Answer {
    const { name } = question;
    const row = this.#get.get(name);
    if (question.kind === "open-consumer") {
      if (row === undefined) return this.#open(name, question.from, head);
      const isEnabled = numberOf(row, "is_enabled") === 1;
      return this.#state(name, numberOf(row, "position"), isEnabled);
    }
    if (question.kind === "remove-consumer") {
      this.#remove.run(name);
      this.#removeLetters.run(name);
      return done;
    }
    if (row !== undefined) return this.#change(question, numberOf(row, "position"), head);
    const message = `The journal knows no consumer called "${name}".`;
    return { kind: "refused", code: "CONSUMER_UNKNOWN", message };
  }

  #change(question: Change, position: number, head: number): Answer {
    const { name } = question;
    if (question.kind === "enable") {
      this.#enable.run(question.isEnabled ? 1 : 0, name);
      return done;
    }
    if (question.kind === "remove-letters") {
      let count = 0;
      for (const id of question.ids) count += this.#removeLetter.all(id, name).length;
      return { kind: "removed", count };
    }
    if (question.position > head) return beyond(name, question.position, head);
    // An answer that comes late moves nothing back: only a rewind does.
    if (question.kind === "rewind" || question.position > position)
      this.#move.run(question.position, name);
    if (question.kind === "advance") {
      for (const { entry, reason, atMs } of question.refused)
        this.#addLetter.run(name, JSON.stringify(entry), reason, atMs);
    }
    return done;
  }

  #open(name: string, from: number | "head", head: number): Answer {
    const position = from === "head" ? head : from;
    if (position > head) return beyond(name, position, head);
    if (numberOf(this.#count.get(), "n") >= this.#consumersMax)
      return {
        kind: "refused",
        code: "CONSUMERS_FULL",
        message: `The journal keeps places for ${this.#consumersMax} consumers, and has none left for "${name}".`,
      };
    this.#add.run(name, position);
    return this.#state(name, position, true);
  }

  #state(name: string, position: number, isEnabled: boolean): Answer {
    const deadLetters = numberOf(this.#letters.get(name), "n");
    return { kind: "consumer", state: { name, position, isEnabled, deadLetters } };
  }
}

function beyond(name: string, position: number, head: number): Answer {
  return {
    kind: "refused",
    code: "CURSOR_INVALID",
    message: `Consumer "${name}" cannot be at ${position}: the newest entry is ${head}.`,
  };
}
