/** A refusal of the API, before it becomes a body (GENESYS.md 3.6). */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly retryAfterSeconds?: number;
}

/** Codes and statuses of GENESYS.md 3.6, and its texts where it quotes one; 405 and the other texts are ours. */
export const refusals = {
  badRequest: (message: string): Refusal => ({ status: 400, code: "bad.request", message }),
  invalidValue: (message: string): Refusal => ({ status: 400, code: "invalid.value", message }),
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
  credentialsExpired: (): Refusal => ({
    status: 401,
    code: "credentials.expired",
    message: "The supplied credentials are expired and cannot be used.",
  }),
  missingAnyPermissions: (permissions: readonly string[]): Refusal => ({
    status: 403,
    code: "missing.any.permissions",
    message: `Unable to perform the requested action. You must have at least one of the following permissions assigned: [${permissions.join(", ")}]`,
  }),
  missingPermissions: (permissions: readonly string[]): Refusal => ({
    status: 403,
    code: "missing.permissions",
    message: `Unable to perform the requested action. You are missing the following permission(s): [${permissions.join(", ")}]`,
  }),
  unauthorizedTopic: (permission: string, topic: string): Refusal => ({
    status: 403,
    code: "notification.unauthorized.topic",
    message: `The user does not have permission "${permission}" required for topic "${topic}"`,
  }),
  notFound: (what: string): Refusal => ({
    status: 404,
    code: "not.found",
    message: `${what} was not found.`,
  }),
  methodNotAllowed: (method: string): Refusal => ({
    status: 405,
    code: "method.not.allowed",
    message: `The method ${method} is not allowed on this resource.`,
  }),
  unsupportedMediaType: (): Refusal => ({
    status: 415,
    code: "unsupported.media.type",
    message: "The media type of the request body is not supported; application/json is.",
  }),
  rateLimited: (code: string, seconds: number): Refusal => ({
    status: 429,
    code,
    message: `Rate limit exceeded the maximum. Retry the request in [${seconds}] seconds`,
    retryAfterSeconds: seconds,
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
  return {
    message: refusal.message,
    code: refusal.code,
    status: refusal.status,
    contextId,
    details: [],
    errors: [],
  };
}
