/** The control API of a mock in another process: its answers, or why there are none, as errors with a code. */
import { MockError } from "../mock-error.ts";
import { within, type MockHttpAnswer, type MockHttpRequest, type MockSystem } from "./system.ts";

const urlDefault = "http://127.0.0.1:9080";
/** So long the mock may take to answer. */
const answerMsMax = 30_000;
/** The largest answer that is read. */
const answerCharactersMax = 128 * 1024 * 1024;

export interface RemoteMock {
  /** The JSON of the answer. @throws MockError MOCK_UNREACHABLE, MOCK_REFUSED, NOT_A_MOCK */
  ask(method: MockHttpRequest["method"], path: string, body?: string): Promise<unknown>;
}

export function openRemote(given: string | undefined, system: MockSystem): RemoteMock {
  const url = (given ?? urlDefault).replace(/\/+$/u, "").replace(/\/_control$/u, "");
  const target = URL.parse(url);
  if (target === null || !/^https?:$/u.test(target.protocol) || target.search !== "")
    throw new MockError("USAGE", `--url ${url} is no URL of a mock`, {
      help: `Write it as in --url ${urlDefault}.`,
    });

  return {
    async ask(method, path, body) {
      let answer: MockHttpAnswer;
      let text: string;
      try {
        [answer, text] = await within(answerMsMax, system, async (signal) => {
          const headers = body === undefined ? {} : { "content-type": "application/json" };
          const request = { method, url: `${url}/_control${path}`, headers, body };
          const got = await system.http(request, signal);
          return [got, await readAll(got.body)] as const;
        });
      } catch (cause) {
        const { code } = cause as { readonly code?: unknown };
        const why = typeof code === "string" ? ` (${code})` : "";
        throw new MockError("MOCK_UNREACHABLE", `There is no mock at ${url}${why}`, { cause });
      }
      return read(url, answer.status, text);
    },
  };
}

async function readAll(body: AsyncIterable<string>): Promise<string> {
  let text = "";
  for await (const piece of body) {
    text += piece;
    if (text.length > answerCharactersMax) throw new Error("the answer is too long");
  }
  return text;
}

function read(url: string, status: number, text: string): unknown {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new MockError("NOT_A_MOCK", `What answers at ${url} is no mock`);
  }
  if (status === 200) return json;
  const { error } = json as {
    readonly error?: { readonly message?: unknown; readonly path?: unknown };
  };
  if (typeof error?.message !== "string")
    throw new MockError("NOT_A_MOCK", `What answers at ${url} is no mock`);
  const place = typeof error.path === "string" && error.path !== "" ? `${error.path}: ` : "";
  throw new MockError("MOCK_REFUSED", `${place}${error.message}`);
}
