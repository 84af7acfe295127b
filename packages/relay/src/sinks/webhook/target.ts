/** Where requests go: a URL template whose scheme and host are fixed, so that no event chooses them. */
import { RelayError } from "../../errors.ts";
import { inUrlPath, inUrlQuery, render, type Rendered } from "./escape.ts";
import { parseTemplate, type Scope, type Template, templateError } from "./template.ts";

export interface Target {
  readonly template: Template;
  /** Scheme, host and port: all of the URL that messages may show. The path may be a secret (chat services), the query too. */
  readonly origin: string;
  /** Whether the URL depends on the entry; then a 404 may be about the entry alone. */
  readonly isTemplated: boolean;
  url(scope: Scope): Rendered;
}

/** @throws RelayError TEMPLATE_INVALID, WEBHOOK_INVALID; neither shows the URL, which may hold a secret */
export function parseTarget(text: string): Target {
  const template = parseTemplate(text);
  const { literals, placeholders } = template;
  const authority = /^https?:\/\/[^/?#\\\s]+/iu.exec(literals[0] ?? "")?.[0];
  if (authority === undefined) throw invalid("does not begin with https:// or http:// and a host");
  if (placeholders.length > 0 && authority.length === (literals[0] ?? "").length)
    throw templateError(
      text,
      authority.length,
      "the host and port of a URL cannot come from an event; placeholders may stand after the first / or ?",
    );
  const sample = literals.join("x");
  const parsed = URL.parse(sample);
  if (parsed === null) throw invalid("is no URL");
  if (parsed.username !== "" || parsed.password !== "")
    throw invalid("has a user or password in it; give them in the header authorization");
  if (sample.includes("#")) throw invalid("has a fragment (#), which is never sent");
  // The URL parser drops line ends and takes a backslash for a slash: what is judged here would not be what is sent.
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  if (/[\s\\\0-\x1f\x7f]/u.test(sample))
    throw invalid("has white space, a backslash or a control character in it");
  const { origin } = parsed;
  const inQuery = placesInQuery(literals);
  return {
    template,
    origin,
    isTemplated: placeholders.length > 0,
    url: (scope) => {
      const rendered = render(
        template,
        scope,
        (value, index) => (inQuery[index] === true ? inUrlQuery : inUrlPath)(value, index),
        "the URL",
      );
      if (rendered.kind === "refused" || placeholders.length === 0) return rendered;
      // "." and ".." need no escape and would climb to another resource.
      const [path = ""] = rendered.text.slice(authority.length).split("?", 1);
      if (path.split("/").some((segment) => /^(?:\.|%2e){1,2}$/iu.test(segment)))
        return { kind: "refused", reason: 'the URL would have "." or ".." as a step of its path' };
      return URL.parse(rendered.text)?.origin === origin
        ? rendered
        : { kind: "refused", reason: "the URL would not be one of the configured host" };
    },
  };
}

function placesInQuery(literals: readonly string[]): readonly boolean[] {
  let before = "";
  return literals.slice(0, -1).map((part) => {
    before += part;
    return before.includes("?");
  });
}

function invalid(why: string): RelayError {
  return new RelayError("WEBHOOK_INVALID", `webhook.url ${why}.`);
}
