"""HTTP to the vault: one connection a thread, no redirect followed, answers bounded, JSON read strictly, repeated only
while there is time.

A redirect would carry the key and a person's id to somebody else; a proxy named in the environment would, too. Neither
is used.
"""

import http.client
import ipaddress
import json
import random
import select
import socket
import ssl
import threading
import time
import urllib.parse
from dataclasses import dataclass
from typing import Any, Dict, Iterable, Mapping, Optional, Tuple

from .errors import Conflict, EgideError, TooManyRequests, Unavailable, UnexpectedAnswer, error_for

MAX_ANSWER = 64 << 20  # bytes


@dataclass(frozen=True)
class Times:
    """Seconds. `attempt` bounds each wait for the network; after `total` nothing is tried again."""

    attempt: float = 5.0
    total: float = 5.0
    first_pause: float = 0.1
    longest_pause: float = 2.0


def is_loopback(host: str) -> bool:
    """True for this machine's own addresses, by name or number."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Transport:
    """Sends requests. May be used from many threads."""

    def __init__(self, url: str, key: str, times: Times, context: Optional[ssl.SSLContext]) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
            raise ValueError("the vault's address is written https://HOST[:PORT]")
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise ValueError("the key would travel in clear: use https for another machine than this")
        if not key or any(not "!" <= c <= "~" for c in key):
            raise ValueError("the key is empty or holds characters that no key has")
        self._tls = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port
        self._base = parts.path.rstrip("/")
        self._key = key
        self._times = times
        self._context = (context or ssl.create_default_context()) if self._tls else None
        self._local = threading.local()

    def post(self, path: str, body: Any, *, content_type: str = "application/json",
             headers: Optional[Mapping[str, str]] = None) -> Any:
        """The answer's JSON. Every call made here may be repeated: evaluations compute anew, and what is created carries
        an Idempotency-Key. So it is, after failures that may pass, until `total` is over."""
        data = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")
        sent: Dict[str, str] = {"Authorization": "Bearer " + self._key, "Content-Type": content_type,
                                "Accept": "application/json, application/problem+json", **(headers or {})}
        end = time.monotonic() + self._times.total
        pause, lost_answer = self._times.first_pause, False
        while True:
            try:
                return self._once(path, data, sent, end)
            except TooManyRequests as error:
                wait = max(error.retry_after, pause)
                failure: EgideError = error
            except Conflict as error:
                # The first attempt, whose answer was lost, may still be running.
                if not lost_answer:
                    raise
                wait, failure = pause, error
            except UnexpectedAnswer:
                raise
            except Unavailable as error:
                lost_answer = lost_answer or error.status == 0
                wait, failure = pause, error
            wait *= random.uniform(0.75, 1.25)
            if time.monotonic() + wait >= end:
                raise failure
            time.sleep(wait)
            pause = min(pause * 2, self._times.longest_pause)

    def close(self) -> None:
        """Closes this thread's connection."""
        connection = getattr(self._local, "connection", None)
        self._local.connection = None
        if connection is not None:
            connection.close()

    def _once(self, path: str, data: bytes, headers: Mapping[str, str], end: float) -> Any:
        connection = self._connection(min(self._times.attempt, max(end - time.monotonic(), 0.001)))
        try:
            connection.request("POST", self._base + path, body=data, headers=dict(headers))
            response = connection.getresponse()
            content = response.read(MAX_ANSWER + 1)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            # The error's own text may name addresses; its class says enough.
            raise Unavailable(f"The vault did not answer ({type(error).__name__})") from None
        if len(content) > MAX_ANSWER:
            self.close()
            raise UnexpectedAnswer("The answer is too long")
        return _read(response.status, response.getheaders(), content)

    def _connection(self, timeout: float) -> http.client.HTTPConnection:
        connection: Optional[http.client.HTTPConnection] = getattr(self._local, "connection", None)
        if connection is not None and (connection.sock is None or _is_stale(connection.sock)):
            self.close()
            connection = None
        if connection is None:
            connection = (http.client.HTTPSConnection(self._host, self._port, context=self._context) if self._tls
                          else http.client.HTTPConnection(self._host, self._port))
            self._local.connection = connection
        connection.timeout = timeout
        if connection.sock is not None:
            connection.sock.settimeout(timeout)
        return connection


def _is_stale(sock: socket.socket) -> bool:
    """Nothing may come on an idle connection: what does is its end, or somebody else's answer."""
    try:
        return bool(select.select([sock], [], [], 0)[0])
    except (OSError, ValueError):
        return True


def _refuse_constant(name: str) -> Any:
    raise ValueError("not a JSON number")


def _without_duplicates(pairs: Iterable[Tuple[str, Any]]) -> Dict[str, Any]:
    out: Dict[str, Any] = {}
    for name, value in pairs:
        if name in out:
            raise ValueError("a member is there twice")
        out[name] = value
    return out


def parse_json(content: bytes) -> Any:
    """Strict JSON in UTF-8; ValueError else."""
    try:
        return json.loads(content.decode("utf-8"), object_pairs_hook=_without_duplicates, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _read(status: int, headers: Iterable[Tuple[str, str]], content: bytes) -> Any:
    named = {name.lower(): value for name, value in headers}
    media = named.get("content-type", "").split(";")[0].strip().lower()
    body = None
    if media in ("application/json", "application/problem+json"):
        try:
            body = parse_json(content)
        except ValueError:
            body = None
    if status in (200, 201):
        if media != "application/json" or body is None:
            raise UnexpectedAnswer("The answer is no JSON", status=status)
        return body
    raise error_for(status, body if isinstance(body, dict) else {}, _seconds(named.get("retry-after", "")))


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0.0
