"""Client of egide: ask before you use a person's data, and stop when the answer is no.

>>> from egide import Client
>>> vault = Client("http://127.0.0.1:8080", tool="matcher", key="...")
>>> if vault.evaluate(person, "ai.mission_matching"):
...     ...

Only the standard library is used. What can't be known is a denial: see `Client`.
"""

from .client import Client
from .decision import READ_TRANSFORMS, Decision, Obligation, Question, ReadResult, Recorded, Withheld
from .errors import (
    Conflict,
    EgideError,
    Forbidden,
    InvalidRequest,
    NotFound,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    UnexpectedAnswer,
)
from .webhook import InvalidWebhook, WebhookEvent, verify_webhook

__all__ = [
    "READ_TRANSFORMS", "Client", "Conflict", "Decision", "EgideError", "Forbidden", "InvalidRequest", "InvalidWebhook",
    "NotFound", "Obligation", "Question", "ReadResult", "Recorded", "TooManyRequests", "Unauthenticated",
    "Unavailable", "UnexpectedAnswer", "WebhookEvent", "Withheld", "verify_webhook",
]
__version__ = "0.1.0"
