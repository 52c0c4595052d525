"""The package against the program: the same documents, tables and diagnostics. PATHPROOF names the program."""

import io
import json
import os
import pathlib
import subprocess
import sys
import threading
import time
import unittest

import pandas

import pathproof

ROOT = pathlib.Path(__file__).resolve().parents[3]
ESTATE = "scenarios/estate/today.ron"


def program(*words):
    environment = {name: value for name, value in os.environ.items() if name not in ("LANG", "LC_ALL", "PATHPROOF_LANG")}
    done = subprocess.run([os.environ["PATHPROOF"], *words], cwd=ROOT, env=environment, capture_output=True, text=True)
    return done.stdout


def document(*words):
    return json.loads(program(*words, "--format", "json"))


class Estate(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        os.chdir(ROOT)
        cls.network = pathproof.load(ESTATE)

    def test_answers_are_the_documents_of_the_program(self):
        ends = ["--from", "ins-web-1", "--to", "cdb-orders", "--service", "tcp:3306"]
        asked = ("ins-web-1", "cdb-orders", "tcp:3306")
        change = 'Down("ins-bastion")'
        network = self.network
        self.assertEqual(network.trace(*asked), document("trace", ESTATE, *ends))
        self.assertEqual(network.reach(*asked), document("reach", ESTATE, *ends))
        self.assertEqual(network.fix(*asked), document("fix", ESTATE, *ends))
        self.assertEqual(network.whatif([change]), document("whatif", ESTATE, "--change", change))
        self.assertEqual(network.check(), document("check", ESTATE))
        self.assertEqual(network.lint(), document("lint", ESTATE))
        self.assertEqual(network.links(), document("links", ESTATE))
        self.assertEqual(network.list("lb"), document("check", ESTATE, "--list", "-k", "lb"))
        self.assertEqual(network.explain("CL-6"), document("explain", "CL-6"))

    def test_fields_are_attributes(self):
        asked = self.network.trace(from_="ins-web-1", to="cdb-orders", service="tcp:3306")
        self.assertEqual(asked.verdict, "unreachable")
        self.assertEqual(asked.reasons[0].line, 48)
        self.assertEqual(self.network.check().summary.failed, 0)
        self.assertEqual({piece.turn for piece in self.network.whatif(['Down("ins-bastion")']).pieces}, {"lost"})
        with self.assertRaises(AttributeError):
            asked.verdikt

    def test_a_frame_is_what_the_csv_says(self):
        for by in ("endpoint", "subnet", "vpc", "group"):
            frame = self.network.matrix(by=by, service="tcp:443").to_pandas()
            text = program("matrix", ESTATE, "--by", by, "--service", "tcp:443", "--format", "csv")
            table = pandas.read_csv(io.StringIO(text), index_col=0, dtype=object)
            pandas.testing.assert_frame_equal(frame.fillna(""), table.fillna(""), check_names=False)

    def test_what_is_wrong_has_its_place(self):
        with self.assertRaises(pathproof.PathproofError) as caught:
            self.network.trace("ins-wbe-1", "cdb-orders")
        self.assertEqual(caught.exception.code, "unknown-id")
        with self.assertRaises(pathproof.PathproofError) as caught:
            pathproof.load("scenarios/mistakes/duplicate-id.ron.bad")
        self.assertEqual(caught.exception.code, "duplicate-id")
        self.assertTrue(caught.exception.file.endswith("duplicate-id.ron.bad"))
        self.assertGreater(caught.exception.line, 1)
        with self.assertRaises(ValueError):
            pathproof.load(ESTATE, lang="fr")

    def test_threads_ask_at_the_same_time(self):
        verdicts = []
        ask = lambda: verdicts.append(self.network.trace("internet", "lb-shop", "tcp:443").verdict)
        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(verdicts, ["reachable"] * 8)

    def test_pandas_is_imported_only_where_it_is_asked_for(self):
        code = "import sys, time; begun = time.perf_counter(); import pathproof; " \
            "print(time.perf_counter() - begun, 'pandas' in sys.modules)"
        best = min(subprocess.check_output([sys.executable, "-c", code], text=True).split() for _ in range(3))
        self.assertEqual(best[1], "False")
        print(f"imported in {float(best[0]):.3f} s")


if __name__ == "__main__":
    unittest.main()
