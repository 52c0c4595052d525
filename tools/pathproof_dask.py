#!/usr/bin/env python3
"""Runs the slices of a pathproof command as tasks of Dask, and merges them.

    pathproof_dask.py --shards 16 -o all.parquet matrix region.ron --by subnet
    pathproof_dask.py --scheduler tcp://scheduler:8786 --shards 64 -o all.parquet failures region.ron -k 2

The program (with the feature `parquet`) and the file have to be at the same path on every worker. A task whose worker
dies is done again elsewhere; one that fails is tried again, at most --retries times. Needs `dask` and `distributed`.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

from distributed import Client, LocalCluster, as_completed


def slice_of(program, arguments, number, shards):
    """One slice, on a worker: its Parquet files as bytes, by name, and the status."""
    with tempfile.TemporaryDirectory() as place:
        part = pathlib.Path(place) / f"part-{number}.parquet"
        shard = ["--shard", f"{number}/{shards}", "-o", str(part), "--quiet"]
        ended = subprocess.run([program, *arguments, *shard], stderr=subprocess.PIPE, text=True)
        if ended.returncode not in (0, 1) or not part.exists():
            raise RuntimeError(f"slice {number}/{shards} ended with {ended.returncode}: {ended.stderr}")
        return {file.name: file.read_bytes() for file in pathlib.Path(place).iterdir()}, ended.returncode


def run(client, program, arguments, shards, out, retries=3, told=lambda done, shards: None):
    """All slices, merged into `out`; the worst status of them."""
    tasks = [client.submit(slice_of, program, arguments, number, shards, retries=retries, pure=False)
             for number in range(1, shards + 1)]
    status = 0
    with tempfile.TemporaryDirectory() as place:
        for done, (_, (files, own)) in enumerate(as_completed(tasks, with_results=True), 1):
            for name, content in files.items():
                (pathlib.Path(place) / name).write_bytes(content)
            status = max(status, own)
            told(done, shards)
        parts = sorted(map(str, pathlib.Path(place).iterdir()))
        merged = subprocess.run([program, "merge", *parts, "-o", out, "--quiet"])
    return max(status, merged.returncode)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--scheduler", help="address of a scheduler; without it, workers on this machine")
    options.add_argument("--program", default="pathproof")
    options.add_argument("--shards", type=int, default=8)
    options.add_argument("--retries", type=int, default=3)
    options.add_argument("-o", "--output", required=True)
    options.add_argument("arguments", nargs=argparse.REMAINDER, help="the command of pathproof")
    asked = options.parse_args()
    with Client(asked.scheduler or LocalCluster(threads_per_worker=1, dashboard_address=None)) as client:
        sys.exit(run(client, asked.program, asked.arguments, asked.shards, asked.output, asked.retries,
                     lambda done, shards: print(f"{done}/{shards}", file=sys.stderr)))
