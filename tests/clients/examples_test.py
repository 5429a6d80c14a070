#!/usr/bin/env python3
"""The examples as a person runs them, beside the real demo.

Usage: examples_test.py EGIDE SOURCE_DIR COMPILED_TYPESCRIPT SCRATCH
"""
import json
import os
import shutil
import subprocess
import sys
import unittest

EGIDE, SOURCE, COMPILED, SCRATCH = (os.path.abspath(argument) for argument in sys.argv[1:5])
from support import Demo  # noqa: E402

MATCHER = os.path.join(SOURCE, "clients/examples/mission_matching/match.py")
MISSIONS = """\ufeffRéférence;Intitulé;Type;Compétences requises;Adresse;Code postal;Ville;Début;Fin;Horaires;Bénévoles recherchés;Âge minimum;Description\r
T-1;Repas;Aide alimentaire;cuisine;1 rue Haute;69003;Lyon;;;mardi 14:00-17:00;3;16;"deux\r
lignes"\r
T-2;Accueil;Accueil et orientation;anglais, arabe;2 rue Basse;38000;Grenoble;;;samedi 08:00-11:00;2;16;\r
"""


def run_matcher(demo, missions, *more):
    return subprocess.run([sys.executable, "-B", MATCHER, "--demo", os.path.join(demo.data, "demo.json"), "--missions", missions, *more],
                          capture_output=True, text=True, check=False, timeout=120)


class MissionMatching(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.demo = Demo(EGIDE)
        cls.missions = os.path.join(cls.demo.folder, "missions.csv")
        with open(cls.missions, "w", encoding="utf-8", newline="") as out:
            out.write(MISSIONS)

    @classmethod
    def tearDownClass(cls):
        cls.demo.close()

    def decisions(self):
        found, cursor = [], ""
        while True:
            page = self.demo.call("GET", "/v1/decisions?limit=500" + (f"&cursor={cursor}" if cursor else ""))
            found += page["items"]
            cursor = page.get("next_cursor") or ""
            if not cursor:
                return found

    def test_1_matches_who_agreed_and_records_every_decision(self):
        out = os.path.join(self.demo.folder, "proposals.json")
        with open(out, "w", encoding="utf-8") as text:
            json.dump([{"mission": "old", "volunteer": "p_old", "delete_after": "2020-01-01T00:00:00Z"},
                       {"mission": "kept", "volunteer": "p_kept", "delete_after": "2999-01-01T00:00:00Z"}], text)
        done = run_matcher(self.demo, self.missions, "--out", out, "--most", "2")
        self.assertEqual(done.returncode, 0, done.stderr)
        allowed = int(done.stdout.split("allowed: ")[1].split()[0])
        self.assertGreater(allowed, 10)
        self.assertIn("denied:  ", done.stdout)
        self.assertIn("(consent_missing)", done.stdout)
        self.assertIn("(guardian_consent_missing)", done.stdout)
        self.assertNotIn("example.org", done.stdout)
        for person in self.demo.facts["subjects"]:
            self.assertNotIn(person["id"], done.stdout)

        with open(out, encoding="utf-8") as text:
            proposals = json.load(text)
        self.assertEqual(os.stat(out).st_mode & 0o077, 0)
        self.assertEqual(proposals[0]["mission"], "kept")
        fresh = proposals[1:]
        self.assertTrue(fresh)
        self.assertTrue(all(one["confirmed"] is False and one["delete_after"] and one["because"] for one in fresh))
        self.assertLessEqual(max(sum(one["mission"] == mission for one in fresh) for mission in ("T-1", "T-2")), 2)

        recorded = self.decisions()
        self.assertEqual(len(recorded), 2 * allowed)
        self.assertTrue(all(item["had_permit"] for item in recorded))
        self.assertEqual({item["data"]["outcome"]["value"] for item in recorded}, {"proposed", "not_proposed"})
        refused = next(item for item in recorded if item["data"]["outcome"]["value"] == "not_proposed")
        personal = self.demo.call("GET", "/v1/decisions/" + refused["id"])["personal"]
        total = sum(row["contribution"] for row in personal["contributions"])
        self.assertAlmostEqual(total, refused["data"]["outcome"]["score"], places=6)
        with_advice = [item for item in (self.demo.call("GET", "/v1/decisions/" + one["id"])["personal"] for one in recorded[:40])
                       if item.get("counterfactuals")]
        self.assertTrue(with_advice)
        self.assertGreaterEqual(with_advice[0]["counterfactuals"][0]["new_outcome"]["score"], 0.5)

    def test_2_leaves_out_who_withdrew(self):
        def proposed():
            out = os.path.join(self.demo.folder, "again.json")
            if os.path.exists(out):
                os.remove(out)
            done = run_matcher(self.demo, self.missions, "--out", out, "--most", "1000")
            self.assertEqual(done.returncode, 0, done.stderr)
            with open(out, encoding="utf-8") as text:
                return {one["volunteer"] for one in json.load(text)}, done.stdout
        before, _ = proposed()
        matcher = {"subjects": [person["id"] for person in self.demo.facts["subjects"]], "purpose": "ai.mission_matching"}
        self.demo.facts["tokens"]["matcher"] = self.demo.key("matcher")
        pseudonyms = self.demo.call("POST", "/v1/gateway/pseudonyms", matcher, role="matcher")["pseudonyms"]
        person = next(item for item in pseudonyms if item["pseudonym"] in before)
        self.demo.consent(person["subject"], "ai.mission_matching", "withdrawn")
        after, output = proposed()
        self.assertEqual(before - after, {person["pseudonym"]})
        self.assertIn("(consent_withdrawn)", output)

    def test_3_reads_the_shared_missions(self):
        missions = os.path.join(SOURCE, "../shared/data/missions.csv")
        if not os.path.exists(missions):
            self.skipTest("the shared data are not there")
        done = run_matcher(self.demo, missions)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.count("decisions recorded"), 40)

    def test_4_stops_at_files_that_are_no_missions(self):
        wrong = os.path.join(self.demo.folder, "wrong.csv")
        with open(wrong, "w", encoding="utf-8") as out:
            out.write("a;b\n1;2\n")
        done = run_matcher(self.demo, wrong)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("no column", done.stderr)

    def test_5_matches_nobody_without_a_vault(self):
        demo = Demo(EGIDE)
        self.addCleanup(demo.close)
        demo.facts["subjects"] = demo.facts["subjects"][:1]
        with open(os.path.join(demo.data, "demo.json"), "w", encoding="utf-8") as out:
            json.dump(demo.facts, out)
        demo.stop()
        out = os.path.join(demo.folder, "none.json")
        done = run_matcher(demo, self.missions, "--out", out)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("allowed: 0 of 1", done.stdout)
        self.assertIn("denied:  1 (unavailable)", done.stdout)
        self.assertFalse(os.path.exists(out))


class WelcomeChatbot(unittest.TestCase):
    """Conversations line by line with the compiled program."""

    @classmethod
    def setUpClass(cls):
        if not os.path.exists(os.path.join(COMPILED, "index.js")):
            raise unittest.SkipTest("the TypeScript library was not compiled")
        # The example beside the library, as `npm install` would lay it.
        shutil.rmtree(SCRATCH, ignore_errors=True)
        example = os.path.join(SCRATCH, "examples/welcome_chatbot")
        shutil.copytree(os.path.join(SOURCE, "clients/examples/welcome_chatbot"), example, ignore=shutil.ignore_patterns("node_modules", "dist"))
        library = os.path.join(SCRATCH, "typescript")
        os.makedirs(os.path.join(example, "node_modules/@egide"))
        shutil.copytree(COMPILED, os.path.join(library, "dist"))
        for name in ("package.json", "tsconfig.json"):
            shutil.copy(os.path.join(SOURCE, "clients/typescript", name), library)
        os.symlink(os.path.join(SOURCE, "clients/typescript/node_modules"), os.path.join(library, "node_modules"))
        os.symlink(library, os.path.join(example, "node_modules/@egide/client"))
        compiled = subprocess.run(["node", os.path.join(library, "node_modules/typescript/bin/tsc"), "-p", example],
                                  capture_output=True, text=True, check=False)
        if compiled.returncode != 0:
            raise AssertionError(compiled.stdout + compiled.stderr)
        cls.program = os.path.join(example, "dist/chat.js")
        cls.demo = Demo(EGIDE)

    @classmethod
    def tearDownClass(cls):
        cls.demo.close()

    def chat(self, person):
        process = subprocess.Popen(["node", self.program, os.path.join(self.demo.data, "demo.json"), person],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

        def close():
            process.stdin.close()
            process.stdout.close()
            process.wait(timeout=30)
        self.addCleanup(close)

        def say(message):
            process.stdin.write(message + "\n")
            process.stdin.flush()
            return process.stdout.readline().strip(), process.stdout.readline().strip()
        return say

    def test_1_answers_and_remembers_nothing_without_consent(self):
        say = self.chat(self.demo.person(3))
        text, note = say("Bonjour, la cuisine m'intéresse")
        self.assertIn("assistant automatique", text)
        self.assertIn("cuisine", text)
        self.assertEqual(note, "[denied: consent_missing]")
        text, note = say("Tu te souviens de moi ?")
        self.assertIn("Je ne sais rien de vous", text)
        self.assertNotIn("assistant automatique", text)
        self.assertEqual(note, "[denied: consent_missing]")

    def test_2_remembers_from_consent_to_withdrawal(self):
        person = self.demo.person(4)
        self.demo.consent(person, "ai.welcome_chatbot", "given")
        say = self.chat(person)
        _, note = say("Bonjour, la cuisine m'intéresse")
        self.assertRegex(note, r"^\[allowed: remembers until \d{4}-\d\d-\d\d\]$")
        text, _ = say("Tu te souviens de moi ?")
        self.assertIn("Je me souviens de ceci : cuisine", text)
        self.demo.consent(person, "ai.welcome_chatbot", "withdrawn")
        text, note = say("Tu te souviens de moi ?")
        self.assertIn("Je ne sais rien de vous", text)
        self.assertEqual(note, "[denied: consent_withdrawn; forgot what it knew]")
        self.demo.consent(person, "ai.welcome_chatbot", "given")  # agreeing again brings nothing back
        text, note = say("Tu te souviens de moi ?")
        self.assertIn("Je ne sais rien de vous", text)
        self.assertIn("allowed", note)

    def test_3_forgets_on_request_and_hands_over(self):
        person = self.demo.person(5)
        self.demo.consent(person, "ai.welcome_chatbot", "given")
        say = self.chat(person)
        say("l'informatique m'intéresse")
        self.assertIn("C'est oublié", say("oublie-moi")[0])
        self.assertIn("Je ne sais rien de vous", say("tu te souviens ?")[0])
        self.assertIn("Je passe la main", say("je veux parler à une personne")[0])
        recorded = self.demo.call("GET", "/v1/decisions?limit=100")["items"]
        self.assertIn("human", [item["data"]["outcome"]["value"] for item in recorded if item["tool"] == "chatbot"])
        self.assertNotIn("parler", json.dumps(recorded))

    def test_4_forgets_when_the_vault_is_gone(self):
        person = self.demo.person(6)
        self.demo.consent(person, "ai.welcome_chatbot", "given")
        say = self.chat(person)
        self.assertIn("allowed", say("les visites m'intéressent")[1])
        self.demo.stop()
        text, note = say("Tu te souviens de moi ?")
        self.assertIn("Je ne sais rien de vous", text)
        self.assertEqual(note, "[denied: unavailable; forgot what it knew]")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
