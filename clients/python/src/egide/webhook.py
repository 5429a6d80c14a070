"""Verifies what egide posts: Standard Webhooks 1.0.0, signature version v1 (HMAC-SHA256)."""

import base64
import binascii
import hashlib
import hmac
import time
from dataclasses import dataclass, field
from typing import Any, Dict, Mapping, Optional, Sequence, Union

from .transport import parse_json


class InvalidWebhook(Exception):
    """Not from the vault, changed on the way, too old, or no webhook at all. Answer 400 and do nothing."""


@dataclass(frozen=True)
class WebhookEvent:
    """A verified event. The same `id` comes again on every retry: do the work once for each."""

    id: str
    timestamp: int  # Unix seconds of this attempt
    payload: Mapping[str, Any] = field(repr=False)

    @property
    def type(self) -> str:
        """`consent.withdrawn`, ..., whether the endpoint takes CloudEvents or plain bodies; empty if there is none."""
        data = self.payload.get("data")
        inner = data.get("type") if isinstance(data, dict) and "specversion" in self.payload else self.payload.get("type")
        return inner if isinstance(inner, str) else ""


def verify_webhook(secrets: Union[str, Sequence[str]], headers: Mapping[str, str], body: bytes, *,
                   tolerance: int = 300, now: Optional[float] = None) -> WebhookEvent:
    """The event, or InvalidWebhook.

    `secrets` is the endpoint's `whsec_...`, or several while it is changed. `body` is the very bytes that came, before any
    JSON reader saw them. `tolerance` is in seconds, to both sides. ValueError for a secret that is none.
    """
    keys = [_key_of(secret) for secret in ([secrets] if isinstance(secrets, str) else secrets)]
    if not isinstance(body, (bytes, bytearray)):
        raise TypeError("body must be the raw bytes")
    named: Dict[str, str] = {}
    for name, value in headers.items():
        if name.lower() in named:
            raise InvalidWebhook("a header is there twice")
        named[name.lower()] = value
    identifier = named.get("webhook-id", "")
    stamp = named.get("webhook-timestamp", "")
    if not identifier or "." in identifier or not identifier.isascii():
        raise InvalidWebhook("webhook-id is missing or malformed")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise InvalidWebhook("webhook-timestamp is missing or malformed")
    if abs((time.time() if now is None else now) - int(stamp)) > tolerance:
        raise InvalidWebhook("webhook-timestamp is too far from now")
    signed = f"{identifier}.{stamp}.".encode("ascii") + bytes(body)
    if not _any_matches(keys, signed, named.get("webhook-signature", "")):
        raise InvalidWebhook("no signature matches")
    try:
        payload = parse_json(bytes(body))
    except ValueError:
        payload = None
    if not isinstance(payload, dict):
        raise InvalidWebhook("the body is no JSON object")
    return WebhookEvent(identifier, int(stamp), payload)


def _key_of(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret[6:], validate=True) if secret.startswith("whsec_") else b""
    except binascii.Error:
        key = b""
    if len(key) < 24 or len(key) > 64:
        raise ValueError("a webhook's secret is whsec_ and base64 of 24 to 64 bytes")
    return key


def _any_matches(keys: Sequence[bytes], signed: bytes, header: str) -> bool:
    # Every pair is compared, in constant time: how long it takes tells nothing.
    found = False
    for entry in header.split(" ")[:32]:
        version, _, text = entry.partition(",")
        if version != "v1":
            continue
        try:
            signature = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            continue
        for key in keys:
            found |= hmac.compare_digest(hmac.new(key, signed, hashlib.sha256).digest(), signature)
    return found
