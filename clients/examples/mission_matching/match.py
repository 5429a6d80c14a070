#!/usr/bin/env python3
"""Proposes volunteers for missions, with nothing but what each agreed to.

    match.py --demo DEMO_JSON --missions missions.csv [--out proposals.json] [--most N]

1. Asks the vault for each volunteer's fields for the purpose `ai.mission_matching`. Who did not agree is left out, and
   the reason is printed; of them the tool never sees a field.
2. Scores who agreed with points that can be explained, and prints proposals with reasons.
3. Records every decision, also those against, with what each input added and what would have changed the result.
4. Writes the proposals for a coordinator to confirm. The tool decides nothing.
"""

import argparse
import datetime
import json
import os
import pathlib
import sys
import uuid
from collections import Counter
from typing import Any, Dict, List, Tuple

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "python/src"))
from egide import Client, EgideError, ReadResult  # noqa: E402
from missions import Mission, read_missions  # noqa: E402
from scoring import (  # noqa: E402
    SYSTEM_VERSION,
    THRESHOLD,
    Match,
    contributions_of,
    counterfactuals_of,
    inputs_of,
    reasons_of,
    score,
)

PURPOSE = "ai.mission_matching"
# What this tool does with a permit's obligations; with another one, the client turns the permit into a denial.
HANDLES = {
    "record_decision": "every decision is posted to the vault",
    "human_review": "proposals wait for a coordinator: confirmed is false",
    "disclose_ai": "each proposal says that a machine made it",
    "delete_after": "proposals carry the day and are dropped on the next run after it",
}
AI_NOTICE = "Classement proposé par un outil automatique ; une personne choisit."


def now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def ask(vault: Client, people: List[str]) -> List[ReadResult]:
    """The fields of those who agreed; prints how many were let through and why the others were not."""
    answers = [vault.read(person, PURPOSE) for person in people]
    allowed = [answer for answer in answers if answer]
    print(f"allowed: {len(allowed)} of {len(answers)} volunteers")
    for reason, count in sorted(Counter(a.decision.reason for a in answers if not a).items()):
        print(f"denied:  {count} ({reason})")
    return allowed


def event_of(run: str, mission: Mission, answer: ReadResult, match: Match, rank: int, of: int) -> Dict[str, Any]:
    codes, texts = reasons_of(match)
    data: Dict[str, Any] = {
        "subject": answer.pseudonym, "system_id": "example-matching", "system_version": SYSTEM_VERSION,
        "purpose_id": PURPOSE, "decision_type": "match", "automation_level": "human_confirms", "effect": "minor",
        "polarity": "benefit",
        "outcome": {"value": "proposed" if match.proposed else "not_proposed", "score": match.score,
                    "threshold": THRESHOLD, "rank": rank, "candidates_count": of},
        "inputs_used": [{"name": name, "source": "vault", "value": value, "personal": True} for name, value in match.inputs.items()],
        "contributions": contributions_of(match), "reason_codes": codes, "explanation_text": texts}
    counterfactuals = counterfactuals_of(match)
    if counterfactuals:
        data["counterfactuals"] = counterfactuals
    return {"specversion": "1.0", "id": f"{run}-{mission.id}-{rank}", "source": "urn:example:mission-matching",
            "type": "org.egide.decision.v1", "time": now(), "subject": mission.id, "datacontenttype": "application/json",
            "data": data}


def match_mission(vault: Client, run: str, mission: Mission, allowed: List[ReadResult], most: int) -> List[Dict[str, Any]]:
    """Records one decision a volunteer, then gives the proposals. Nothing is proposed that is not recorded."""
    ranked: List[Tuple[Match, ReadResult]] = sorted(
        ((score(inputs_of(answer.fields, mission)), answer) for answer in allowed),
        key=lambda pair: (-pair[0].score, pair[1].pseudonym))
    events = [event_of(run, mission, answer, match, rank, len(ranked)) for rank, (match, answer) in enumerate(ranked, 1)]
    recorded = vault.post_decisions(events)
    still = [pair for pair, one in zip(ranked, recorded) if one.had_permit]
    if len(still) < len(ranked):
        print(f"{mission.id}: {len(ranked) - len(still)} withdrew meanwhile and are not proposed")
    proposals = []
    for match, answer in [pair for pair in still if pair[0].proposed][:most]:
        limit = answer.decision.obligation("delete_after")
        proposals.append({"mission": mission.id, "volunteer": answer.pseudonym, "score": match.score,
                          "because": reasons_of(match)[1]["fr"], "notice": AI_NOTICE, "confirmed": False,
                          "delete_after": limit.properties.get("at") if limit else None})
    return proposals


def kept(path: str) -> List[Dict[str, Any]]:
    """Proposals of earlier runs whose day has not come."""
    if not path or not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as text:
        return [one for one in json.load(text) if one.get("delete_after") and one["delete_after"] > now()]


def write(path: str, proposals: List[Dict[str, Any]]) -> None:
    descriptor = os.open(path + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as out:
        json.dump(proposals, out, ensure_ascii=False, indent=1)
    os.replace(path + ".new", path)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--demo", required=True, help="the demo's demo.json: address, keys, people")
    parser.add_argument("--missions", required=True, help="CSV file of missions")
    parser.add_argument("--out", default="", help="where the proposals go")
    parser.add_argument("--most", type=int, default=3, help="proposals a mission")
    flags = parser.parse_args()
    with open(flags.demo, encoding="utf-8") as text:
        demo = json.load(text)
    try:
        missions = read_missions(flags.missions)
        with Client(demo["url"], tool="matcher", key=demo["tools"]["matcher"], handles=HANDLES) as vault:
            allowed = ask(vault, [subject["id"] for subject in demo["subjects"]])
            if not allowed:
                print("nobody agreed, or the vault is not there: nothing is matched")
                return 1
            run, proposals = f"run-{uuid.uuid4()}", []
            for mission in missions:
                found = match_mission(vault, run, mission, allowed, flags.most)
                print(f"{mission.id} {mission.title}: {len(found)} proposed, {len(allowed)} decisions recorded")
                for one in found:
                    print(f"  {one['volunteer']}  {one['score']:.2f}  {one['because']}")
                proposals += found
    except (EgideError, ValueError) as error:
        print(f"stopped: {error}", file=sys.stderr)
        return 1
    print(AI_NOTICE)
    if flags.out:
        write(flags.out, kept(flags.out) + proposals)
    return 0


if __name__ == "__main__":
    sys.exit(main())
