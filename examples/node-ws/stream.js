/** Reads from a stream of Server-Sent Events: HTTP all the way, for where WebSockets do not pass. */
import { addressOf, ask, errorOf, newToken, Refused, silenceMs, tell } from "./relay.js";

/** The subscription stands by itself: the relay carries its topics and knows where it began, though nobody reads. */
let standing;

/** Connects, and listens until nothing is left to be read, or the token has expired. It throws on any other end. */
export async function listenOnStream(subscription, progress) {
  const { token } = await newToken();
  const authorization = `Bearer ${token}`;
  standing ??= await ask("/api/v2/analytics/events", {
    method: "POST",
    headers: { authorization },
    body: JSON.stringify(subscription),
  });
  const silence = new AbortController();
  const watch = setTimeout(() => silence.abort(new Error("nothing has come for 45 s")), silenceMs);
  try {
    const { since } = progress;
    const response = await fetch(addressOf(standing.streamUri), {
      headers: { authorization, ...(since && { "last-event-id": since }) },
      signal: silence.signal,
    });
    if (!response.ok) throw errorOf(response.status, await response.text());
    for await (const { id, type, message } of blocksOf(response.body)) {
      watch.refresh();
      if (type === "refused" && message.code === "TOKEN_EXPIRED") return;
      if (type === "refused") throw new Refused(message);
      if (type === "message") progress.take(message);
      if (id) progress.since = id;
      tell(message);
      if (progress.left === 0) break;
    }
  } finally {
    clearTimeout(watch);
  }
  if (progress.left > 0) throw new Error("the stream has ended");
  // Who does not come again takes it away; by itself it goes after 24 h without a reader.
  await ask(`/api/v2/analytics/events/${standing.id}`, {
    method: "DELETE",
    headers: { authorization },
  });
}

/** The blocks of a stream: lines `field: value`, and an empty line at the end of each. */
async function* blocksOf(body) {
  let text = "";
  for await (const part of body.pipeThrough(new TextDecoderStream())) {
    const blocks = (text + part).split("\n\n");
    text = blocks.pop();
    yield* blocks.map(readBlock).filter(({ message }) => message !== undefined);
  }
}

function readBlock(block) {
  const fields = { event: "message", data: [] };
  for (const line of block.split("\n")) {
    const [, name, value] = /^([a-z]*): ?(.*)$/u.exec(line) ?? [];
    if (name === "data") fields.data.push(value);
    else if (name === "id" || name === "event") fields[name] = value;
  }
  // The first block says only how soon a browser is to come again.
  const message = fields.data.length === 0 ? undefined : JSON.parse(fields.data.join("\n"));
  return { id: fields.id, type: fields.event, message };
}
