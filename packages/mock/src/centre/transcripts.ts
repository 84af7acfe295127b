/** What is said in a call, as it is understood: first guesses, then final texts under the same id (GENESYS.md 7). */
import { sentences } from "./names.ts";
import { within, type Life } from "./life.ts";
import { isOver, type Ports, type Talk } from "./talk.ts";

const utteranceMs = 20_000;
const guessMs = 3000;
/** GENESYS.md 7: a sign that it goes on comes about every five minutes. */
const ongoingMs = 300_000;
const utterancesMax = 40;
const sentimentChance = 0.5;
const provider = { engineProvider: "GENESYS", engineName: "Genesys", dialect: "en-US" };

export function transcribe(ports: Ports, talk: Talk, nowMs: number): void {
  const transcript = new Transcript(ports.life, talk, nowMs);
  transcript.tell(nowMs, "SESSION_ONGOING");
  transcript.listen(nowMs);
}

class Transcript {
  readonly #life: Life;
  readonly #talk: Talk;
  readonly #startMs: number;
  #ongoingMs: number;
  #utterances = 0;
  #ended = false;

  constructor(life: Life, talk: Talk, startMs: number) {
    this.#life = life;
    this.#talk = talk;
    this.#startMs = startMs;
    this.#ongoingMs = startMs;
  }

  /** The next utterance, while the call lasts; customer and agent take turns. */
  listen(nowMs: number): void {
    const { dice, deadlines } = this.#life;
    const fromMs = nowMs + within(this.#life, utteranceMs);
    const guessedMs = fromMs + within(this.#life, guessMs);
    const finalMs = guessedMs + within(this.#life, guessMs);
    deadlines.set(guessedMs, (dueMs) => {
      if (this.#isOver(dueMs)) return;
      if (this.#utterances >= utterancesMax) return this.listen(dueMs);
      const utterance: Utterance = {
        id: dice.uuid(),
        channel: this.#utterances % 2 === 0 ? "EXTERNAL" : "INTERNAL",
        text: dice.pick(sentences),
        fromMs,
        untilMs: dueMs,
      };
      this.#utterances += 1;
      this.tell(dueMs, undefined, { ...utterance, text: firstHalf(utterance.text) });
      deadlines.set(finalMs, (endMs) => {
        this.tell(endMs, undefined, { ...utterance, isFinal: true });
        if (!this.#isOver(endMs)) this.listen(endMs);
      });
    });
  }

  tell(nowMs: number, status?: "SESSION_ONGOING" | "SESSION_ENDED", said?: Utterance): void {
    const { conversation, session } = this.#talk;
    const { world } = this.#life;
    this.#life.tell(`v2.conversations.${conversation.id}.transcription`, () =>
      JSON.stringify({
        eventTime: new Date(nowMs).toISOString(),
        organizationId: world.organization.id,
        conversationId: conversation.id,
        communicationId: session.id,
        sessionStartTimeMs: conversation.startMs,
        transcriptionStartTimeMs: this.#startMs,
        transcripts: said === undefined ? undefined : [this.#result(said)],
        status: status === undefined ? undefined : { offsetMs: nowMs - this.#startMs, status },
      }),
    );
  }

  #isOver(nowMs: number): boolean {
    if (this.#ended) return true;
    if (isOver(this.#talk)) {
      this.#ended = true;
      this.tell(nowMs, "SESSION_ENDED");
      this.#judge();
      return true;
    }
    if (nowMs - this.#ongoingMs >= ongoingMs) {
      this.#ongoingMs = nowMs;
      this.tell(nowMs, "SESSION_ONGOING");
    }
    return false;
  }

  #judge(): void {
    const { dice, tell, world } = this.#life;
    if (!dice.chance(sentimentChance)) return;
    const { conversation, desk } = this.#talk;
    const overall = dice.below(201) - 100;
    const trend = dice.below(201) - 100;
    tell(`v2.speechandtextanalytics.conversation.${conversation.id}.sentiment`, () =>
      JSON.stringify({
        conversationId: conversation.id,
        sentimentOverallScore: overall / 100,
        sentimentTrendScore: trend / 100,
        queueIds: [desk.queue.id],
        divisionIds: [desk.queue.divisionId],
        flowIds: [world.flow.id],
      }),
    );
  }

  #result({ id, channel, text, isFinal = false, fromMs, untilMs }: Utterance): object {
    const words = text.split(" ");
    const offsetMs = fromMs - this.#startMs;
    const wordMs = (untilMs - fromMs) / words.length;
    const confidence = isFinal ? 0.93 : 0.71;
    return {
      utteranceId: id,
      isFinal,
      channel,
      alternatives: [
        {
          confidence,
          offsetMs,
          durationMs: untilMs - fromMs,
          transcript: text,
          words: words.map((word, index) => ({
            confidence,
            startTimeMs: fromMs + Math.round(index * wordMs),
            offsetMs: offsetMs + Math.round(index * wordMs),
            durationMs: Math.round(wordMs),
            word,
          })),
        },
      ],
      ...provider,
      agentAssistEnabled: false,
      voiceTranscriptionEnabled: true,
    };
  }
}

interface Utterance {
  readonly id: string;
  readonly channel: "EXTERNAL" | "INTERNAL";
  readonly text: string;
  readonly isFinal?: boolean;
  readonly fromMs: number;
  readonly untilMs: number;
}

function firstHalf(text: string): string {
  const words = text.split(" ");
  return words.slice(0, Math.ceil(words.length / 2)).join(" ");
}
