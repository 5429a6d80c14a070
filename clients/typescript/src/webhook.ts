// Verifies what egide posts: Standard Webhooks 1.0.0, signature version v1 (HMAC-SHA256).
import { createHmac, timingSafeEqual } from "node:crypto";
import { isObject } from "./decision.js";
import { parseJson } from "./transport.js";

/** Not from the vault, changed on the way, too old, or no webhook at all. Answer 400 and do nothing. */
export class InvalidWebhook extends Error {
  override name = "InvalidWebhook";
}

/** A verified event. The same `id` comes again on every retry: do the work once for each. */
export interface WebhookEvent {
  readonly id: string;
  /** `consent.withdrawn`, ..., whether the endpoint takes CloudEvents or plain bodies; empty if there is none */
  readonly type: string;
  /** Unix seconds of this attempt */
  readonly timestamp: number;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface WebhookOptions {
  /** Seconds, to both sides; 300 */
  readonly tolerance?: number;
  /** Unix seconds; for tests */
  readonly now?: number;
}

type Headers_ = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * The event, or InvalidWebhook. `secrets` is the endpoint's `whsec_...`, or several while it is changed. `body` is the very
 * bytes that came, before any JSON reader saw them. TypeError for a secret that is none.
 */
export function verifyWebhook(
  secrets: string | readonly string[],
  headers: Headers_,
  body: Uint8Array,
  options: WebhookOptions = {},
): WebhookEvent {
  const keys = (typeof secrets === "string" ? [secrets] : secrets).map(keyOf);
  if (!(body instanceof Uint8Array)) throw new TypeError("body must be the raw bytes");
  const id = header(headers, "webhook-id");
  const stamp = header(headers, "webhook-timestamp");
  if (!/^[!-~]+$/.test(id) || id.includes(".")) throw new InvalidWebhook("webhook-id is missing or malformed");
  if (!/^[0-9]{1,12}$/.test(stamp)) throw new InvalidWebhook("webhook-timestamp is missing or malformed");
  const timestamp = Number(stamp);
  const now = options.now ?? Date.now() / 1000;
  if (Math.abs(now - timestamp) > (options.tolerance ?? 300))
    throw new InvalidWebhook("webhook-timestamp is too far from now");
  const signed = Buffer.concat([Buffer.from(`${id}.${stamp}.`, "ascii"), body]);
  if (!anyMatches(keys, signed, header(headers, "webhook-signature"))) throw new InvalidWebhook("no signature matches");
  let payload: unknown;
  try {
    payload = parseJson(body);
  } catch {
    payload = undefined;
  }
  if (!isObject(payload)) throw new InvalidWebhook("the body is no JSON object");
  return { id, type: typeOf(payload), timestamp, payload };
}

function typeOf(payload: Readonly<Record<string, unknown>>): string {
  const inner = "specversion" in payload && isObject(payload["data"]) ? payload["data"]["type"] : payload["type"];
  return typeof inner === "string" ? inner : "";
}

function header(headers: Headers_, name: string): string {
  if (headers instanceof Headers) return headers.get(name) ?? "";
  const found = Object.entries(headers).filter(([key]) => key.toLowerCase() === name);
  const value = found.length === 1 ? found[0]?.[1] : undefined;
  if (found.length > 1 || Array.isArray(value)) throw new InvalidWebhook("a header is there twice");
  return typeof value === "string" ? value : "";
}

// Buffer.from skips what is no base64; here that is a mistake.
function base64(text: string): Buffer | undefined {
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)
    ? Buffer.from(text, "base64")
    : undefined;
}

function keyOf(secret: string): Buffer {
  const key = secret.startsWith("whsec_") ? base64(secret.slice(6)) : undefined;
  if (!key || key.length < 24 || key.length > 64)
    throw new TypeError("a webhook's secret is whsec_ and base64 of 24 to 64 bytes");
  return key;
}

// Every pair is compared, in constant time: how long it takes tells nothing.
function anyMatches(keys: readonly Buffer[], signed: Buffer, signatures: string): boolean {
  let found = false;
  for (const entry of signatures.split(" ").slice(0, 32)) {
    const signature = entry.startsWith("v1,") ? base64(entry.slice(3)) : undefined;
    if (signature?.length !== 32) continue;
    for (const key of keys) {
      const same = timingSafeEqual(createHmac("sha256", key).update(signed).digest(), signature);
      found = found || same;
    }
  }
  return found;
}
