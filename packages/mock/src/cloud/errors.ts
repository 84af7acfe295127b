import type { Limit } from "./limits.ts";

/** A refusal of the API, before it becomes a body (GENESYS.md 3.6). */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** The message with names in braces, and what stands for them. */
  readonly template?: { readonly text: string; readonly values: Readonly<Record<string, string>> };
  /** The part of a request that is to blame. */
  readonly fieldName?: string;
  readonly entityId?: string;
  readonly limit?: Limit;
  readonly retryAfterSeconds?: number;
}

/** A refusal whose message is made of a template. */
function filled(
  status: number,
  code: string,
  text: string,
  values: Readonly<Record<string, string>>,
): Refusal {
  const message = text.replaceAll(/\{(\w+)\}/gu, (name, key: string) => values[key] ?? name);
  return { status, code, message, template: { text, values } };
}

/** As the service writes a list of permissions. */
const bracketed = (names: readonly string[]): string => `[${names.join(", ")}]`;

/** Codes and statuses of GENESYS.md 3.6, and its texts where it quotes one; 405 and the other texts are ours. */
export const refusals = {
  badRequest: (message: string): Refusal => ({ status: 400, code: "bad.request", message }),
  invalidValue: (message: string, fieldName?: string): Refusal => ({
    status: 400,
    code: "invalid.value",
    message,
    ...(fieldName !== undefined && { fieldName }),
  }),
  /** A value that is none of a closed list. */
  notAmong: (value: string, fieldName: string, allowed: Iterable<string>): Refusal => ({
    ...filled(
      400,
      "invalid.value",
      "Value [{value}] is not valid for field type [{field}]. Allowable values are: {allowed}",
      { value, field: fieldName, allowed: [...allowed].join(", ") },
    ),
    fieldName,
  }),
  authenticationRequired: (): Refusal => ({
    status: 401,
    code: "authentication.required",
    message: "No authentication bearer token specified in authorization header.",
  }),
  badCredentials: (): Refusal => ({
    status: 401,
    code: "bad.credentials",
    message: "Invalid login credentials.",
  }),
  /** A token from the future: the code is a known one, the second sentence is ours. */
  notYetValid: (behindMs: number): Refusal =>
    filled(
      401,
      "bad.credentials",
      "Invalid login credentials. The token is not valid yet: by its nbf this clock is {behindMs} ms behind.",
      { behindMs: String(behindMs) },
    ),
  credentialsExpired: (): Refusal => ({
    status: 401,
    code: "credentials.expired",
    message: "The supplied credentials are expired and cannot be used.",
  }),
  missingAnyPermissions: (permissions: readonly string[]): Refusal =>
    filled(
      403,
      "missing.any.permissions",
      "Unable to perform the requested action. You must have at least one of the following permissions assigned: {permissions}",
      { permissions: bracketed(permissions) },
    ),
  missingPermissions: (permissions: readonly string[]): Refusal =>
    filled(
      403,
      "missing.permissions",
      "Unable to perform the requested action. You are missing the following permission(s): {permissions}",
      { permissions: bracketed(permissions) },
    ),
  topicNeedsUser: (message: string): Refusal => ({
    status: 403,
    code: "notification.unauthorized.topic",
    message,
  }),
  unauthorizedTopic: (permission: string, topic: string): Refusal =>
    filled(
      403,
      "notification.unauthorized.topic",
      'The user does not have permission "{permission}" required for topic "{topic}"',
      { permission, topic },
    ),
  notFound: (what: string, entityId?: string): Refusal => ({
    status: 404,
    code: "not.found",
    message: `${what} was not found.`,
    ...(entityId !== undefined && { entityId }),
  }),
  methodNotAllowed: (method: string): Refusal => ({
    status: 405,
    code: "method.not.allowed",
    message: `The method ${method} is not allowed on this resource.`,
  }),
  unsupportedMediaType: (): Refusal => ({
    status: 415,
    code: "unsupported.media.type",
    message:
      "Unsupported Media Type - Unsupported or incorrect media type, such as an incorrect Content-Type value in the header.",
  }),
  rateLimited: (code: string, seconds: number, limit?: Limit): Refusal => ({
    ...filled(
      429,
      code,
      "Rate limit exceeded the maximum. Retry the request in [{seconds}] seconds",
      { seconds: String(seconds) },
    ),
    retryAfterSeconds: seconds,
    ...(limit !== undefined && { limit }),
  }),
};

/** The usual code of a status, for faults that name only the status. */
export function codeOfStatus(status: number): string {
  return (
    {
      400: "bad.request",
      401: "bad.credentials",
      403: "not.authorized",
      404: "not.found",
      429: "too.many.requests",
      500: "internal.server.error",
      503: "service.unavailable",
      504: "request.timeout",
    }[status] ?? (status < 500 ? "bad.request" : "internal.server.error")
  );
}

/** Error body as in GENESYS.md 3.6. */
export function errorBody(refusal: Refusal, contextId: string): object {
  const { template, fieldName, limit } = refusal;
  return {
    message: refusal.message,
    code: refusal.code,
    status: refusal.status,
    ...(refusal.entityId !== undefined && { entityId: refusal.entityId }),
    ...(template !== undefined && {
      messageWithParams: template.text,
      messageParams: template.values,
    }),
    contextId,
    details: fieldName === undefined ? [] : [{ errorCode: refusal.code, fieldName }],
    errors: [],
    ...(limit !== undefined && { limit }),
  };
}
