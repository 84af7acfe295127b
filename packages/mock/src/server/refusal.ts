/** Why the control API does not do what it was asked for, by code. */
export const refusalStatus = {
  HOST_FORBIDDEN: 403,
  ORIGIN_FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  FIELD_INVALID: 400,
  JSON_INVALID: 400,
  SCENARIO_INVALID: 400,
  TOO_MANY_FAULTS: 409,
} as const;

export type ControlErrorCode = keyof typeof refusalStatus;

/** Thrown by an operation, and answered as JSON: it never leaves the control API. */
export class Refusal extends Error {
  override readonly name: string = "Refusal";
  readonly code: ControlErrorCode;
  readonly path: string | undefined;

  constructor(code: ControlErrorCode, message: string, path?: string) {
    super(message);
    this.code = code;
    this.path = path;
  }
}
