// HTTP to the vault: no redirect followed, answers bounded, repeated only while there is time.
//
// A redirect would carry the key and a person's id to somebody else, so none is followed.
import { Conflict, type EgideError, TooManyRequests, Unavailable, UnexpectedAnswer, errorFor } from "./errors.js";
import { isObject } from "./decision.js";

const MAX_ANSWER = 64 << 20; // bytes

/** Milliseconds. `attempt` bounds one attempt; after `total` nothing is tried again. */
export interface Times {
  readonly attempt: number;
  readonly total: number;
  readonly firstPause: number;
  readonly longestPause: number;
}
export const DEFAULT_TIMES: Times = { attempt: 5000, total: 5000, firstPause: 100, longestPause: 2000 };

export interface PostOptions {
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

export class Transport {
  readonly #base: string;
  readonly #key: string;
  readonly #times: Times;

  /** TypeError for an address that is none, or that would send the key in clear to another machine. */
  constructor(url: string, key: string, times: Times) {
    const parts = new URL(url);
    if (!["http:", "https:"].includes(parts.protocol) || parts.search || parts.hash || parts.username || parts.password)
      throw new TypeError("the vault's address is written https://HOST[:PORT]");
    if (parts.protocol === "http:" && !isLoopback(parts.hostname))
      throw new TypeError("the key would travel in clear: use https for another machine than this");
    if (!/^[!-~]+$/.test(key)) throw new TypeError("the key is empty or holds characters that no key has");
    this.#base = parts.origin + parts.pathname.replace(/\/+$/, "");
    this.#key = key;
    this.#times = times;
  }

  /**
   * The answer's JSON. Every call made here may be repeated: evaluations compute anew, and what is created carries an
   * Idempotency-Key. So it is, after failures that may pass, until `total` is over.
   */
  async post(path: string, body: unknown, options: PostOptions = {}): Promise<unknown> {
    const data = JSON.stringify(body);
    const end = performance.now() + this.#times.total;
    let pause = this.#times.firstPause;
    let lostAnswer = false;
    for (;;) {
      let failure: EgideError;
      let wait = pause;
      try {
        return await this.#once(path, data, options);
      } catch (error) {
        if (error instanceof TooManyRequests) {
          wait = Math.max(error.retryAfter * 1000, pause);
        } else if (error instanceof UnexpectedAnswer) {
          throw error;
        } else if (error instanceof Unavailable) {
          lostAnswer ||= error.status === 0;
        } else if (!(error instanceof Conflict && lostAnswer)) {
          throw error; // a conflict after a lost answer: the first attempt may still be running
        }
        failure = error as EgideError;
      }
      wait *= 0.75 + Math.random() / 2;
      if (performance.now() + wait >= end) throw failure;
      await new Promise((resolve) => setTimeout(resolve, wait));
      pause = Math.min(pause * 2, this.#times.longestPause);
    }
  }

  async #once(path: string, data: string, options: PostOptions): Promise<unknown> {
    let response: Response;
    let content: Uint8Array;
    try {
      response = await fetch(this.#base + path, {
        method: "POST",
        body: data,
        redirect: "manual",
        signal: AbortSignal.timeout(this.#times.attempt),
        headers: {
          Authorization: `Bearer ${this.#key}`,
          "Content-Type": options.contentType ?? "application/json",
          Accept: "application/json, application/problem+json",
          ...options.headers,
        },
      });
      content = await bounded(response);
    } catch (error) {
      if (error instanceof UnexpectedAnswer) throw error;
      // The error's own text may name addresses; its class says enough.
      throw new Unavailable(`The vault did not answer (${error instanceof Error ? error.name : "error"})`);
    }
    return readAnswer(response, content);
  }
}

async function bounded(response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = response.body?.getReader();
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > MAX_ANSWER) {
      await reader.cancel();
      throw new UnexpectedAnswer("The answer is too long");
    }
    parts.push(value);
  }
  return Buffer.concat(parts);
}

/** JSON in clean UTF-8; an error else. */
export function parseJson(content: Uint8Array): unknown {
  return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content)) as unknown;
}

function readAnswer(response: Response, content: Uint8Array): unknown {
  const media = (response.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
  let body: unknown;
  if (media === "application/json" || media === "application/problem+json") {
    try {
      body = parseJson(content);
    } catch {
      body = undefined;
    }
  }
  if (response.status === 200 || response.status === 201) {
    if (media !== "application/json" || body === undefined)
      throw new UnexpectedAnswer("The answer is no JSON", response.status);
    return body;
  }
  const after = response.headers.get("retry-after") ?? "";
  throw errorFor(response.status, isObject(body) ? body : {}, /^\d{1,8}$/.test(after) ? Number(after) : 0);
}
