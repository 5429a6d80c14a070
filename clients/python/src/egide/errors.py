"""Errors: one class for each way in which a call can fail. None of them is a permit.

The texts hold no personal data: neither what was sent nor the address of a person.
"""

from typing import Any, Mapping, Optional

Problem = Mapping[str, Any]


class EgideError(Exception):
    """What every error of this package is. `problem` is the answer's problem document (RFC 9457), where there is one."""

    def __init__(self, message: str, *, status: int = 0, problem: Optional[Problem] = None) -> None:
        super().__init__(message)
        self.status = status
        self.problem: Problem = dict(problem or {})

    @property
    def code(self) -> str:
        """The problem's stable code, such as `invalid_request`; empty where there is none."""
        return str(self.problem.get("code", ""))

    @property
    def request_id(self) -> str:
        """What the vault's log calls this request."""
        return str(self.problem.get("request_id", ""))


class Unauthenticated(EgideError):
    """The key is missing, wrong or revoked (401)."""


class Forbidden(EgideError):
    """The key may not make this call (403). A person's refusal is never this: it is a decision."""


class InvalidRequest(EgideError):
    """The request is not valid (400, 413, 415, 422); `problem["errors"]` says what and where."""


class NotFound(EgideError):
    """There is no such thing, or no longer (404, 410)."""


class Conflict(EgideError):
    """It contradicts what is stored already (409, 412), such as another event under the same id."""


class TooManyRequests(EgideError):
    """The quota is used up (429)."""

    def __init__(self, message: str, *, retry_after: float = 0.0, status: int = 429,
                 problem: Optional[Problem] = None) -> None:
        super().__init__(message, status=status, problem=problem)
        self.retry_after = retry_after  # seconds


class Unavailable(EgideError):
    """The vault can't be reached, or can't log and therefore doesn't answer (503, time-out, no connection)."""


class UnexpectedAnswer(Unavailable):
    """What answered isn't egide, or is broken: not JSON, another shape, another person's or purpose's answer."""


def error_for(status: int, problem: Problem, retry_after: float) -> EgideError:
    """The error for an answer that is no success."""
    title = problem.get("title")
    message = f"{title if isinstance(title, str) and title else 'The vault refused the call'} (HTTP {status})"
    if status == 401:
        return Unauthenticated(message, status=status, problem=problem)
    if status == 403:
        return Forbidden(message, status=status, problem=problem)
    if status in (404, 410):
        return NotFound(message, status=status, problem=problem)
    if status in (409, 412):
        return Conflict(message, status=status, problem=problem)
    if status == 429:
        return TooManyRequests(message, status=status, problem=problem, retry_after=retry_after)
    if 400 <= status < 500:
        return InvalidRequest(message, status=status, problem=problem)
    if status in (500, 502, 503, 504):
        return Unavailable(message, status=status, problem=problem)
    return UnexpectedAnswer(f"The vault answered with status {status}", status=status, problem=problem)
