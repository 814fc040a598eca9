# SPDX-License-Identifier: Apache-2.0
"""examples/flights: what the streaming query makes of the file equals what one batch query over the same file gives, row by row.

  flights/run [WORD...] [--rows=N|all]     N rows of the file (200,000 as a rule), or all three million of them
"""
import glob
import os
import shutil
import subprocess
import sys

import duckdb

from instance import ROOT, Instance, end_all, folder
from story import Suite, equal, holds, matches, until

suite = Suite("flights", end_all)
ROWS = next((a[7:] for a in sys.argv if a.startswith("--rows=")), os.environ.get("TIDEMILL_FLIGHTS_ROWS", "200000"))
PACKAGE = "vega-datasets@3"


def parquet():
    """flights-3m.parquet: where the example keeps it, else from npm into build/deps."""
    for place in (os.path.join(ROOT, "examples/flights/data"), os.path.join(ROOT, "build/deps/flights")):
        path = os.path.join(place, "flights-3m.parquet")
        if os.path.exists(path):
            return path
    fetch = os.path.join(ROOT, "examples/flights/fetch")
    if os.access(fetch, os.X_OK):
        subprocess.run([fetch], check=True)
        found = glob.glob(os.path.join(ROOT, "examples/flights/**/flights-3m.parquet"), recursive=True) + \
            glob.glob(os.path.join(ROOT, "build/deps/**/flights-3m.parquet"), recursive=True)
        if found:
            return found[0]
    work = folder()
    subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=work, check=True)
    subprocess.run(["tar", "-xzf", *glob.glob(os.path.join(work, "*.tgz")), "-C", work], check=True)
    home = os.path.join(ROOT, "build/deps/flights")
    os.makedirs(home, exist_ok=True)
    shutil.copy(glob.glob(os.path.join(work, "**/flights-3m.parquet"), recursive=True)[0], home)
    return os.path.join(home, "flights-3m.parquet")


def project(rows):
    """A copy of the example with this many rows of the file; (its folder, flights in it)."""
    copy = os.path.join(folder(), "flights")
    shutil.copytree(os.path.join(ROOT, "examples/flights"), copy, ignore=shutil.ignore_patterns("data"))
    os.mkdir(os.path.join(copy, "data"))
    data = os.path.join(copy, "data/flights-3m.parquet")
    if rows == "all":
        os.symlink(parquet(), data)
    else:
        duckdb.execute(f"COPY (SELECT * FROM '{parquet()}' LIMIT {int(rows)}) TO '{data}' (FORMAT parquet)")
    return copy, duckdb.execute("SELECT count(*) FROM read_parquet(?)", [data]).fetchone()[0]


@suite.story("flights, mean and maximum delay per origin and hour equal one DuckDB query over the file, in the table and in the topic")
def equals_batch():
    copy, total = project(ROWS)
    instance = Instance(copy).start()
    flights = lambda: next((t["records"] for t in instance.get("/api/v1/topics") if t["name"] == "flights"), 0)
    until(lambda: flights() >= total, f"{total} records in topic flights", 500, every=0.3)
    for query in ("delays_per_hour", "delays_table", "delays_topic"):
        instance.caught_up(query, 400)
    policy = {c["name"]: c["value"] for c in instance.get("/api/v1/topics/delays_per_hour")["configs"]}["cleanup.policy"]
    equal(policy, "compact", "cleanup.policy of the topic of FORMAT UPSERT: its records are of 2001, retention would take them")
    session = instance.session()
    count = lambda: session.execute("SELECT sum(flights) AS n FROM flights.delays_per_hour", timeout=60).one().n or 0
    # The last hours close once the topic is idle.
    until(lambda: count() >= total, f"{total} flights in the table", 120, every=0.5)
    session.cluster.shutdown()
    for query in ("delays_table", "delays_topic"):
        instance.caught_up(query, 60)
    done = subprocess.run([sys.executable, os.path.join(copy, "check"), "--cql-port", str(instance.ports["tables"]),
                           "--kafka-port", str(instance.ports["broker"])], capture_output=True, text=True, timeout=300)
    print(f"{total} flights: check says {done.stdout.strip()[-2000:]} {done.stderr.strip()[-500:]}")
    equal(done.returncode, 0, "status of examples/flights/check")
    passed = int(matches(done.stdout, r"^(\d+) passed, 0 failed$").group(1))
    holds(passed > 1000 and passed % 2 == 0, f"{passed} rows were compared")


if __name__ == "__main__":
    suite.main()
