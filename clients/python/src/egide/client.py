"""The client. Answers are in decision.py, errors in errors.py."""

import re
import ssl
import uuid
from typing import Any, Collection, Dict, FrozenSet, List, Mapping, Optional, Sequence

from .decision import (
    READ_TRANSFORMS,
    Decision,
    Question,
    ReadResult,
    Recorded,
    decision_of,
    denial_unavailable,
    read_result_of,
)
from .errors import TooManyRequests, Unavailable, UnexpectedAnswer
from .transport import Times, Transport

_SEMANTICS = ("execute_all", "deny_on_first_deny", "permit_on_first_permit")
_MOST_ITEMS = 1000


class Client:
    """Asks one vault as one tool. May be used from many threads; each keeps a connection of its own.

    It fails closed. `evaluate`, `evaluate_many` and `read` answer with a denial whose reason is `unavailable` when the
    vault can't be reached, can't log, has no quota left for this tool, or answers something that is not beyond doubt a
    decision; with `raising=True` they raise `Unavailable` or `TooManyRequests` instead. A wrong key, a call the tool may
    not make and a request that is not valid are mistakes to mend and always raise.

    A permit comes with obligations. `handles` names the actions this tool carries out; a permit with any other becomes
    a denial with the reason `obligation_not_handled`.
    """

    def __init__(self, url: str, *, tool: str, key: str, handles: Collection[str] = (), times: Optional[Times] = None,
                 tls: Optional[ssl.SSLContext] = None) -> None:
        """ValueError for an address that is none, or that would send the key in clear to another machine."""
        if not tool:
            raise ValueError("the tool's id is missing")
        self._tool = tool
        self._handles = frozenset(handles)
        self._transport = Transport(url, key, times or Times(), tls)

    def __repr__(self) -> str:
        return f"Client(tool={self._tool!r})"

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes this thread's connection. The client can go on being used."""
        self._transport.close()

    def evaluate(self, person: str, purpose: str, *, categories: Optional[Sequence[str]] = None,
                 automation: Optional[str] = None, handles: Optional[Collection[str]] = None,
                 raising: bool = False) -> Decision:
        """May this tool use this person's data for this purpose, now?"""
        question = Question(person, purpose, categories, automation)
        try:
            answer = self._transport.post("/access/v1/evaluation", self._entities(question, with_subject=True))
            return decision_of(answer, question, self._handled(handles))
        except (Unavailable, TooManyRequests):
            if raising:
                raise
            return denial_unavailable(question)

    def evaluate_many(self, questions: Sequence[Question], *, semantic: str = "execute_all",
                      handles: Optional[Collection[str]] = None, raising: bool = False) -> List[Decision]:
        """Answers in the order of the questions: one each with `execute_all`; up to and including the one that decides
        with `deny_on_first_deny` and `permit_on_first_permit`."""
        if semantic not in _SEMANTICS:
            raise ValueError("semantic must be one of " + ", ".join(_SEMANTICS))
        out: List[Decision] = []
        for begin in range(0, len(questions), _MOST_ITEMS):
            part = questions[begin:begin + _MOST_ITEMS]
            try:
                decisions = self._evaluate_part(part, semantic, self._handled(handles))
            except (Unavailable, TooManyRequests):
                if raising:
                    raise
                decisions = [denial_unavailable(question) for question in part]
                if semantic == "deny_on_first_deny":
                    decisions = decisions[:1]
            out += decisions
            if len(decisions) < len(part) or _decides(decisions[-1], semantic):
                break
        return out

    def read(self, person: str, purpose: str, *, fields: Optional[Sequence[str]] = None,
             handles: Optional[Collection[str]] = None, raising: bool = False) -> ReadResult:
        """The same question and, with a permit, the permitted fields under the pseudonym for this tool and purpose.

        The vault has carried out `READ_TRANSFORMS` before it answers; other obligations stay this tool's.
        """
        question = Question(person, purpose, fields)
        body: Dict[str, Any] = {"subject": person, "purpose": purpose}
        if fields is not None:
            body["fields"] = list(fields)
        try:
            answer = self._transport.post("/v1/gateway/read", body)
            return read_result_of(answer, question, self._handled(handles) | READ_TRANSFORMS)
        except (Unavailable, TooManyRequests):
            if raising:
                raise
            return ReadResult(denial_unavailable(question))

    def post_decision(self, event: Mapping[str, Any], *, idempotency_key: Optional[str] = None) -> Recorded:
        """Records one algorithmic decision, a CloudEvents 1.0 event. The person stands in `data.subject`.

        Raises whatever goes wrong, `Unavailable` after the last repetition: keep the event and post it again, with the
        same id; the vault stores it once.
        """
        answer = self._post_events(dict(event), "application/cloudevents+json", idempotency_key)
        return _recorded_of(answer, [event])[0]

    def post_decisions(self, events: Sequence[Mapping[str, Any]], *,
                       idempotency_key: Optional[str] = None) -> List[Recorded]:
        """Records up to 1000 decisions, all or none."""
        if not events:
            return []
        answer = self._post_events([dict(event) for event in events], "application/cloudevents-batch+json", idempotency_key)
        return _recorded_of(answer, events)

    def _post_events(self, body: Any, content_type: str, key: Optional[str]) -> Any:
        # Repeating without a key could record a decision twice.
        if key is not None and not re.fullmatch(r"[!#-\[\]-~]{1,255}", key):
            raise ValueError("an idempotency key has 1 to 255 visible ASCII characters without quotes")
        headers = {"Idempotency-Key": f'"{key or uuid.uuid4()}"'}
        return self._transport.post("/v1/decisions", body, content_type=content_type, headers=headers)

    def _evaluate_part(self, questions: Sequence[Question], semantic: str, handles: Collection[str]) -> List[Decision]:
        body = {"subject": self._subject(), "options": {"evaluations_semantic": semantic},
                "evaluations": [self._entities(question) for question in questions]}
        answer = self._transport.post("/access/v1/evaluations", body)
        items = answer.get("evaluations") if isinstance(answer, dict) else None
        if not isinstance(items, list) or not 0 < len(items) <= len(questions):
            raise UnexpectedAnswer("The answer has not one decision for each question")
        decisions = [decision_of(item, question, handles) for item, question in zip(items, questions)]
        ended = items[-1].get("decision") is (semantic == "permit_on_first_permit") and semantic != "execute_all"
        if len(items) < len(questions) and not ended:
            raise UnexpectedAnswer("The answer has not one decision for each question")
        return decisions

    def _subject(self) -> Dict[str, str]:
        return {"type": "application", "id": self._tool}

    def _entities(self, question: Question, with_subject: bool = False) -> Dict[str, Any]:
        action: Dict[str, Any] = {"purpose": question.purpose}
        if question.automation is not None:
            action["automation"] = question.automation
        resource: Dict[str, Any] = {"type": "person", "id": question.person}
        if question.categories is not None:
            resource["properties"] = {"categories": list(question.categories)}
        out: Dict[str, Any] = {"resource": resource, "action": {"name": "process", "properties": action}}
        if with_subject:
            out["subject"] = self._subject()
        return out

    def _handled(self, handles: Optional[Collection[str]]) -> FrozenSet[str]:
        return self._handles if handles is None else frozenset(handles)


def _decides(decision: Decision, semantic: str) -> bool:
    if semantic == "deny_on_first_deny":
        return not decision
    return semantic == "permit_on_first_permit" and decision.permitted


def _recorded_of(answer: Any, events: Sequence[Mapping[str, Any]]) -> List[Recorded]:
    items = answer.get("decisions") if isinstance(answer, dict) else None
    if not isinstance(items, list) or len(items) != len(events):
        raise UnexpectedAnswer("The answer has not one entry for each event")
    out = []
    for item, event in zip(items, events):
        if not isinstance(item, dict) or item.get("id") != event.get("id") or not isinstance(item.get("new"), bool):
            raise UnexpectedAnswer("The answer is about other events")
        permit = item.get("had_permit")
        out.append(Recorded(str(item.get("source", "")), str(item["id"]), str(item.get("decision_id", "")), item["new"],
                            permit if isinstance(permit, bool) else None))
    return out
