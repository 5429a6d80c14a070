"""Missions from a CSV file as associations export it: separator `;`, UTF-8 with or without BOM."""

import csv
from dataclasses import dataclass
from typing import FrozenSet, List

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


@dataclass(frozen=True)
class Mission:
    id: str
    title: str
    kind: str
    skills: FrozenSet[str]
    postal_code: str
    day: str  # "mardi"; empty where the file says none
    part: str  # "matin", "après-midi", "soir"

    @property
    def slot(self) -> str:
        return f"{self.day} {self.part}".strip()


def part_of_day(hours: str) -> str:
    """`08:00-11:00` begins in the morning."""
    hour = int(hours[:2]) if hours[:2].isdigit() else -1
    if hour < 0:
        return ""
    return "matin" if hour < 12 else "après-midi" if hour < 18 else "soir"


def read_missions(path: str) -> List[Mission]:
    """ValueError that names the line and what is missing there."""
    out = []
    with open(path, encoding="utf-8-sig", newline="") as text:
        rows = csv.DictReader(text, delimiter=";")
        missing = {"Référence", "Intitulé", "Compétences requises", "Code postal", "Horaires"} - set(rows.fieldnames or ())
        if missing:
            raise ValueError(f"{path}: no column {', '.join(sorted(missing))}")
        for row in rows:
            if not row["Référence"]:
                raise ValueError(f"{path}:{rows.line_num}: a mission without a reference")
            day, _, hours = (row["Horaires"] or "").partition(" ")
            skills = frozenset(skill.strip() for skill in (row["Compétences requises"] or "").split(",") if skill.strip())
            out.append(Mission(row["Référence"], row["Intitulé"] or "", row.get("Type") or "", skills,
                               row["Code postal"] or "", day if day in DAYS else "", part_of_day(hours)))
    return out
