// Client of egide: ask before you use a person's data, and stop when the answer is no.
export { Client, type ClientOptions, type AskOptions, type ManyOptions, type Semantic } from "./client.js";
export {
  READ_TRANSFORMS,
  type Decision,
  type Obligation,
  type Question,
  type ReadResult,
  type Recorded,
  type Withheld,
} from "./decision.js";
export {
  Conflict,
  EgideError,
  Forbidden,
  InvalidRequest,
  NotFound,
  TooManyRequests,
  Unauthenticated,
  Unavailable,
  UnexpectedAnswer,
  type Problem,
} from "./errors.js";
export { DEFAULT_TIMES, type Times } from "./transport.js";
export { InvalidWebhook, verifyWebhook, type WebhookEvent, type WebhookOptions } from "./webhook.js";
