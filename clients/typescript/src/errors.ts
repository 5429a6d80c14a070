// Errors: one class for each way in which a call can fail. None of them is a permit.
//
// The texts hold no personal data: neither what was sent nor the address of a person.

/** A problem document (RFC 9457), as it came. */
export type Problem = Readonly<Record<string, unknown>>;

/** What every error of this package is. */
export class EgideError extends Error {
  constructor(
    message: string,
    readonly status = 0,
    readonly problem: Problem = {},
  ) {
    super(message);
    this.name = new.target.name;
  }

  /** The problem's stable code, such as `invalid_request`; empty where there is none. */
  get code(): string {
    return typeof this.problem["code"] === "string" ? this.problem["code"] : "";
  }

  /** What the vault's log calls this request. */
  get requestId(): string {
    return typeof this.problem["request_id"] === "string" ? this.problem["request_id"] : "";
  }
}

/** The key is missing, wrong or revoked (401). */
export class Unauthenticated extends EgideError {}

/** The key may not make this call (403). A person's refusal is never this: it is a decision. */
export class Forbidden extends EgideError {}

/** The request is not valid (400, 413, 415, 422); `problem.errors` says what and where. */
export class InvalidRequest extends EgideError {}

/** There is no such thing, or no longer (404, 410). */
export class NotFound extends EgideError {}

/** It contradicts what is stored already (409, 412), such as another event under the same id. */
export class Conflict extends EgideError {}

/** The quota is used up (429). `retryAfter` is in seconds. */
export class TooManyRequests extends EgideError {
  constructor(
    message: string,
    readonly retryAfter: number,
    problem: Problem = {},
  ) {
    super(message, 429, problem);
  }
}

/** The vault can't be reached, or can't log and therefore doesn't answer (503, time-out, no connection). */
export class Unavailable extends EgideError {}

/** What answered isn't egide, or is broken: not JSON, another shape, another purpose's answer. */
export class UnexpectedAnswer extends Unavailable {}

/** The error for an answer that is no success. */
export function errorFor(status: number, problem: Problem, retryAfter: number): EgideError {
  const title = problem["title"];
  const message = `${typeof title === "string" && title ? title : "The vault refused the call"} (HTTP ${status})`;
  if (status === 401) return new Unauthenticated(message, status, problem);
  if (status === 403) return new Forbidden(message, status, problem);
  if (status === 404 || status === 410) return new NotFound(message, status, problem);
  if (status === 409 || status === 412) return new Conflict(message, status, problem);
  if (status === 429) return new TooManyRequests(message, retryAfter, problem);
  if (status >= 400 && status < 500) return new InvalidRequest(message, status, problem);
  if ([500, 502, 503, 504].includes(status)) return new Unavailable(message, status, problem);
  return new UnexpectedAnswer(`The vault answered with status ${status}`, status, problem);
}
