#!/usr/bin/env python3
"""Tests of the shipped DuckDB queries: test_queries.py PROGRAM, from the top of the repository.

Four nights of one shop: in the second its backup line goes, in the third its database gets a public door and a promise is
given up. What the queries tell of them is known.
"""
import datetime
import pathlib
import subprocess
import sys
import tempfile

import duckdb

SHOP = pathlib.Path("scenarios/gateways/single-points-of-failure.ron")
QUERIES = pathlib.Path(__file__).parent / "queries"


def night(program, nights, date, text):
    place = nights / f"night={date}"
    place.mkdir()
    scenario = place / "shop.ron"
    scenario.write_text(text)
    for command in ["matrix", "failures"]:
        ended = subprocess.run([program, command, scenario, "-o", place / f"{command}.parquet", "--quiet"])
        assert ended.returncode in (0, 1), ended


def ask(name, **variables):
    base = duckdb.connect()
    for variable, value in variables.items():
        base.execute(f"SET VARIABLE {variable} = '{value}'")
    return base.execute((QUERIES / f"{name}.sql").read_text()).fetchall()


def replaced(text, old, new):
    assert old in text, old
    return text.replace(old, new)


def main(program):
    program = str(pathlib.Path(program).resolve())
    shop = SHOP.read_text()
    promise = 'Reachable(from: "ins-one", to: "internet", service: "tcp:443"),'
    alone = replaced(shop, '(to: "192.168.10.0/24", connection: "vpnx-back", priority: 100),', "")
    later = replaced(replaced(alone, promise, ""), 'ip: "10.1.1.12",', 'ip: "10.1.1.12", eip: "203.0.113.12",')
    with tempfile.TemporaryDirectory() as place:
        nights = pathlib.Path(place)
        for date, text in [("2026-09-01", shop), ("2026-10-05", alone), ("2026-11-27", later), ("2026-11-30", later)]:
            night(program, nights, date, text)
        day = datetime.date
        found = ask("reachable-from-internet-since", nights=nights, since="2026-10-05")
        assert found == [("ins-two", "reachable")], found
        assert ask("reachable-from-internet-since", nights=nights, since="2026-11-27") == []
        found = ask("promises-not-asked", nights=nights, today="2026-11-30")
        assert found == [("ins-one", "internet", "tcp:443", "reachable", day(2026, 10, 5))], found
        assert ask("promises-not-asked", nights=nights, today="2026-10-30") == []
        orders = "orders reach the IDC"
        found = ask("loss-of", nights=nights, lost="vpnx-main")
        assert [(date, count) for date, count, _ in found] == [
            (day(2026, 9, 1), 0), (day(2026, 10, 5), 1), (day(2026, 11, 27), 1), (day(2026, 11, 30), 1)], found
        assert found[1][2] == [orders], found
        found = ask("row-of", nights=nights, who="ins-one")
        assert ("ins-two", "reachable") in found and ("internet", "partial") in found, found
        assert "ins-one" not in [to for to, _ in found], found
        found = ask("new-single-points", nights=nights, since="2026-09-01")
        assert found == [("vpnx-main", "VPN connection", 1)], found
        matrix = nights / "classes"
        subprocess.run([program, "matrix", SHOP, "--by", "class", "-o", f"{matrix}.parquet", "--quiet"], check=True)
        found = ask("row-of-vpc", matrix=matrix, who="vpc-shop")
        # Mail does not leave the cloud (SG-20), a NAT gateway carries no GRE (NAT-1).
        ports = [(first, last) for to, protocol, first, last in found if (to, protocol) == ("internet", "tcp")]
        assert ports == [(0, 24), (26, 65535)], found
        assert {protocol for to, protocol, *_ in found if to == "internet"} == {"tcp", "udp", "icmp"}, found
        assert {to for to, *_ in found} == {"vpc-shop", "idc", "internet"}, found
        asked = {"reachable-from-internet-since", "promises-not-asked", "loss-of", "row-of", "row-of-vpc", "new-single-points"}
        assert {path.stem for path in QUERIES.iterdir()} == asked, "a query without a test"
    print(f"{len(asked)} queries answer what is so")


if __name__ == "__main__":
    main(sys.argv[1])
