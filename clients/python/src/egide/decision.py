"""What is asked and what is answered. Values only; how they travel is in client.py.

Reading is strict: an answer that is not beyond doubt a permit raises UnexpectedAnswer, and the client makes a denial of
that.
"""

from dataclasses import dataclass, field
from typing import Any, Collection, FrozenSet, Mapping, Optional, Sequence, Tuple

from .errors import UnexpectedAnswer

UNAVAILABLE = "unavailable"
NOT_HANDLED = "obligation_not_handled"

# Obligations that POST /v1/gateway/read has carried out itself before it answers.
READ_TRANSFORMS: FrozenSet[str] = frozenset({"mask", "drop", "generalise", "aggregate", "redact"})


@dataclass(frozen=True)
class Question:
    """One person, one purpose. `person` is a subject id or the pseudonym made for this tool and purpose, never an address."""

    person: str
    purpose: str
    categories: Optional[Sequence[str]] = None  # fideslang keys; None: all that the purpose allows
    automation: Optional[str] = None  # none, advisory, human_confirms, human_decides_with_score, solely_automated


@dataclass(frozen=True)
class Obligation:
    """Something a permit depends on. `action` is empty for an obligation that is not egide's or malformed."""

    id: str
    action: str
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """An answer. In a condition it is true only for a permit whose every obligation the caller said it handles."""

    permitted: bool
    reason: str  # permit, or why not: consent_withdrawn, ..., obligation_not_handled, unavailable
    evaluation_id: str = ""
    purpose: str = ""
    legal_basis: str = ""
    categories: Tuple[str, ...] = ()
    obligations: Tuple[Obligation, ...] = ()  # of a denial too: those that can be carried out, are to be
    not_handled: Tuple[str, ...] = ()  # what turned the vault's permit into a denial
    log_index: Optional[int] = None
    max_age: int = 0  # seconds for which the answer may be kept
    context: Mapping[str, Any] = field(default_factory=dict, repr=False)  # everything the vault said

    def __bool__(self) -> bool:
        return self.permitted

    @property
    def available(self) -> bool:
        """False where nobody decided: the vault was not reached or what answered could not be understood."""
        return self.reason != UNAVAILABLE

    def obligation(self, action: str) -> Optional[Obligation]:
        """The first obligation with this action."""
        return next((item for item in self.obligations if item.action == action), None)


@dataclass(frozen=True)
class Withheld:
    """A field that was asked for, or is the purpose's, and does not leave."""

    category: str
    reason: str


@dataclass(frozen=True)
class ReadResult:
    """A decision and, only where it is a permit, the permitted fields as the policy transformed them."""

    decision: Decision
    pseudonym: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict, repr=False)
    withheld: Tuple[Withheld, ...] = ()

    def __bool__(self) -> bool:
        return self.decision.permitted


@dataclass(frozen=True)
class Recorded:
    """What became of one event of `post_decisions`."""

    source: str
    id: str
    decision_id: str
    new: bool  # False: it was stored before
    had_permit: Optional[bool] = None  # None where it was stored before


def denial_unavailable(question: Question) -> Decision:
    """The answer where there is none."""
    return Decision(permitted=False, reason=UNAVAILABLE, purpose=question.purpose)


def decision_of(answer: Any, question: Question, handles: Collection[str]) -> Decision:
    """Reads one AuthZEN decision. UnexpectedAnswer unless it is one, about this purpose."""
    if not isinstance(answer, dict) or not isinstance(answer.get("decision"), bool):
        raise UnexpectedAnswer("The answer is no decision")
    context = answer.get("context", {})
    if not isinstance(context, dict):
        raise UnexpectedAnswer("The answer's context is no object")
    permit = answer["decision"]
    reason = context.get("reason")
    if permit and reason != "permit":
        raise UnexpectedAnswer("The answer says yes without the reason that goes with it")
    if permit and context.get("purpose") != question.purpose:
        raise UnexpectedAnswer("The answer is about another purpose")
    if not isinstance(reason, str) or not reason or (not permit and reason == "permit"):
        reason = "invalid_request" if "error" in context else "error"
    obligations, well_formed = _obligations_of(context.get("obligations", []))
    missing = tuple(sorted({item.action or "unknown" for item in obligations if item.action not in handles}))
    if not well_formed:
        missing += ("malformed",)
    if permit and missing:
        permit, reason = False, NOT_HANDLED
    index = context.get("log_index")
    max_age = context.get("max_age", 0)
    return Decision(
        permitted=permit, reason=reason, evaluation_id=_text(context, "evaluation_id"), purpose=_text(context, "purpose"),
        legal_basis=_text(context, "legal_basis"), categories=_texts(context.get("categories", [])),
        obligations=obligations, not_handled=missing if answer["decision"] else (),
        log_index=index if _is_count(index) else None, max_age=max_age if _is_count(max_age) else 0, context=context)


def read_result_of(answer: Any, question: Question, handles: Collection[str]) -> ReadResult:
    """Reads the answer to POST /v1/gateway/read. Fields that come with a denial are dropped unseen."""
    decision = decision_of(answer, question, handles)
    if not decision:
        return ReadResult(decision)
    fields, pseudonym = answer.get("fields"), answer.get("subject")
    if not isinstance(fields, dict) or not isinstance(pseudonym, str) or not pseudonym:
        raise UnexpectedAnswer("The answer lacks the fields or the pseudonym")
    withheld = answer.get("withheld", [])
    if not isinstance(withheld, list) or not all(isinstance(item, dict) for item in withheld):
        raise UnexpectedAnswer("The answer's list of what is withheld can't be read")
    return ReadResult(decision, pseudonym, fields,
                      tuple(Withheld(_text(item, "category"), _text(item, "reason")) for item in withheld))


def _obligations_of(value: Any) -> Tuple[Tuple[Obligation, ...], bool]:
    if value is None:
        return (), True
    if not isinstance(value, list):
        return (), False
    out, well_formed, seen = [], True, set()
    for item in value:
        if not isinstance(item, dict) or not isinstance(item.get("properties"), dict):
            well_formed = False
            continue
        properties = item["properties"]
        name = _text(item, "id")
        if not name or name in seen:
            well_formed = False
        seen.add(name)
        ours = item.get("type") == "custom" and properties.get("vendor") == "egide"
        out.append(Obligation(name, _text(properties, "action") if ours else "", properties))
    return tuple(out), well_formed


def _text(object_: Mapping[str, Any], key: str) -> str:
    value = object_.get(key)
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> Tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
