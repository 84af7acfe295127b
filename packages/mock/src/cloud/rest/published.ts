/** Conversations that were published by hand, so that REST knows what was told of them. */

/** The last body of each of so many conversations, the longest untold forgotten first. */
const conversationsMax = 1000;
const charactersMax = 16 * 1024 * 1024;

interface PublishedConversation {
  readonly body: string;
  readonly atMs: number;
}

const conversationTopic = /^v2\.(?:routing\.queues|users)\.[^.]+\.conversations$/iu;

export class Published {
  readonly #byId = new Map<string, PublishedConversation>();
  #characters = 0;

  /** Takes note of a body (or its JSON) with an `id` on a topic that tells of whole conversations. */
  take(topic: string, body: object | string, atMs: number): void {
    if (!conversationTopic.test(topic)) return;
    const { id }: { id?: unknown } = typeof body === "string" ? Object(JSON.parse(body)) : body;
    if (typeof id !== "string") return;
    const text = typeof body === "string" ? body : JSON.stringify(body);
    this.#forget(id);
    this.#byId.set(id, { body: text, atMs });
    this.#characters += text.length;
    while (this.#byId.size > conversationsMax || this.#characters > charactersMax) {
      const [oldest] = this.#byId.keys();
      if (oldest !== undefined) this.#forget(oldest);
    }
  }

  find(id: string): PublishedConversation | undefined {
    return this.#byId.get(id);
  }

  #forget(id: string): void {
    this.#characters -= this.#byId.get(id)?.body.length ?? 0;
    this.#byId.delete(id);
  }
}
