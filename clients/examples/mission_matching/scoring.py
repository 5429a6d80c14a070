"""A score of points, so that each can be explained: no model, no hidden weight.

score = constant + what each input adds. A volunteer is proposed from the threshold on.
"""

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Tuple

from missions import Mission

SYSTEM_VERSION = "1.0.0"
THRESHOLD = 0.5
CONSTANT = 0.1
WEIGHTS = {"skills_shared": 0.4, "slot_free": 0.3, "same_area": 0.2}
# Only what a volunteer could change or add; where one lives is no advice.
ACTIONABLE = ("skills_shared", "slot_free")


@dataclass(frozen=True)
class Match:
    inputs: Dict[str, float]  # each from 0 to 1
    contributions: Dict[str, float]
    score: float

    @property
    def proposed(self) -> bool:
        return self.score >= THRESHOLD


def inputs_of(fields: Mapping[str, Any], mission: Mission) -> Dict[str, float]:
    """From the fields that the vault let out, and nothing else."""
    skills = set(fields.get("user.demographic.profile.skills", ()))
    free = fields.get("user.demographic.profile.availability", ())
    area = str(fields.get("user.contact.address.postal_code", ""))  # widened by the vault: 69 for 69003
    shared = len(skills & mission.skills) / len(mission.skills) if mission.skills else 1.0
    return {"skills_shared": round(shared, 3),
            "slot_free": float(any(slot in (mission.day, mission.slot) for slot in free if slot)),
            "same_area": float(bool(area) and mission.postal_code.startswith(area))}


def score(inputs: Mapping[str, float]) -> Match:
    parts = {name: round(weight * inputs[name], 4) for name, weight in WEIGHTS.items()}
    return Match(dict(inputs), parts, round(CONSTANT + sum(parts.values()), 4))


def contributions_of(match: Match) -> List[Dict[str, Any]]:
    """They add up to the score."""
    rows = [{"name": name, "weight": WEIGHTS[name], "contribution": value,
             "direction": "for" if value > 0 else "against"} for name, value in match.contributions.items()]
    return rows + [{"name": "constant", "weight": 1, "contribution": CONSTANT, "direction": "for"}]


def counterfactuals_of(match: Match) -> List[Dict[str, Any]]:
    """The single changes that would have turned a refusal into a proposal."""
    out = []
    for name in ACTIONABLE:
        changed = score({**match.inputs, name: 1.0})
        if not match.proposed and changed.proposed:
            out.append({"changes": [{"name": name, "from": match.inputs[name], "to": 1.0}],
                        "new_outcome": {"value": "proposed", "score": changed.score}, "method": "exact_linear",
                        "actionable": True})
    return out


def reasons_of(match: Match) -> Tuple[List[str], Dict[str, str]]:
    """Codes, and one sentence a language."""
    weakest = min(WEIGHTS, key=lambda name: match.inputs[name])
    strongest = max(WEIGHTS, key=lambda name: match.contributions[name])
    words = {"skills_shared": ("vos compétences", "your skills"), "slot_free": ("vos disponibilités", "your availability"),
             "same_area": ("votre secteur", "your area")}
    if match.proposed:
        return [f"{strongest}.match"], {"fr": f"Ce qui a le plus compté : {words[strongest][0]}.",
                                        "en": f"What counted most: {words[strongest][1]}."}
    return [f"{weakest}.low"], {"fr": f"Ce qui a le plus manqué : {words[weakest][0]}.",
                                "en": f"What was missing most: {words[weakest][1]}."}
