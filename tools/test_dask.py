#!/usr/bin/env python3
"""Tests of the driver on Dask: test_dask.py PROGRAM, from the top of the repository.

Two workers on this machine, of which one is killed while it works: what comes out is byte for byte what one run without
slices gives, and so is what a matrix tells. A slice that cannot be done ends the run, and nothing is written.
"""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import pathproof_dask  # noqa: E402
from distributed import Client, LocalCluster  # noqa: E402

FILE = "scenarios/estate/today.ron"
SPARE = "scenarios/gateways/single-points-of-failure.ron"


def main(program):
    program = str(pathlib.Path(program).resolve())
    place = pathlib.Path(tempfile.mkdtemp())
    marks = place / "begun"
    marks.mkdir()
    # Slow enough that a worker dies in the middle of a slice.
    slow = place / "slow"
    slow.write_text(f'#!/bin/sh\ntouch {marks}/$$\n[ "$1" = merge ] || sleep 1\nexec {program} "$@"\n')
    slow.chmod(0o755)
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        victim = next(iter(client.run(os.getpid).values()))
        killed = []

        def kill():
            while len(list(marks.iterdir())) < 3:
                time.sleep(0.05)
            os.kill(victim, signal.SIGKILL)
            killed.append(victim)

        by_class = ["matrix", FILE, "--by", "class"]
        runs = [(["matrix", FILE, "--by", "vpc"], True), (["failures", SPARE, "-k", "2"], False), (by_class, False)]
        for arguments, is_killed in runs:
            whole, merged = place / "whole.parquet", place / "merged.parquet"
            subprocess.run([program, *arguments, "-o", str(whole), "--quiet"])
            killer = threading.Thread(target=kill, daemon=True)
            if is_killed:
                killer.start()
            told = []
            status = pathproof_dask.run(client, str(slow), arguments, 6, str(merged), told=lambda *at: told.append(at))
            assert status == (1 if arguments[0] == "failures" else 0), status
            assert told == [(done, 6) for done in range(1, 7)], told
            made = sorted(place.glob("merged*.parquet"))
            assert len(made) == (4 if arguments is by_class else 1), made
            for file in made:
                own = place / file.name.replace("merged", "whole")
                assert file.read_bytes() == own.read_bytes(), (arguments, file)
                file.unlink()
        assert killed, "no worker died"
        begun = len([mark for mark in marks.iterdir()])
        assert begun > 2 * (6 + 1), f"{begun}: no slice was done again"
        try:
            pathproof_dask.run(client, program, ["matrix", "none.ron"], 2, str(merged), retries=1)
            raise SystemExit("a file that is not there was no failure")
        except RuntimeError as error:
            assert "ended with 2" in str(error), error
        assert not merged.exists()
    print("the driver holds: 2 workers, 1 killed, the same bytes")


if __name__ == "__main__":
    main(sys.argv[1])
