# SPDX-License-Identifier: Apache-2.0
"""examples/flights: what the streaming query makes of the file equals what one batch query over the same file gives, row by row.

  flights/run [WORD...] [--rows=N|all]     N rows of the file (200,000 as a rule), or all three million of them
"""
import glob
import math
import os
import re
import shutil
import subprocess
import sys

import duckdb

from instance import ROOT, Instance, end_all, folder
from story import Suite, equal, holds, until

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


def project(data):
    """A copy of the example that reads this file, flat out."""
    copy = os.path.join(folder(), "flights")
    shutil.copytree(os.path.join(ROOT, "examples/flights"), copy)
    replaced = 0
    for path in glob.glob(os.path.join(copy, "sql", "*.sql")):
        with open(path) as file:
            text = file.read()
        text, count = re.subn(r"(\bpath\s*=\s*)'[^']*'", rf"\1'{data}'", text)
        replaced += count
        with open(path, "w") as file:
            file.write(text)
    equal(replaced, 1, "file sources in examples/flights")
    return copy


def close(a, b):
    return (a is None and b is None) or (a is not None and b is not None and math.isclose(float(a), float(b), rel_tol=1e-9, abs_tol=1e-9))


@suite.story("flights, mean and maximum delay per origin and hour equal one DuckDB query over the file")
def equals_batch():
    whole = parquet()
    batch = duckdb.connect()
    batch.execute("SET TimeZone = 'UTC'")
    names = {row[0].lower(): row[0] for row in batch.execute(f"DESCRIBE SELECT * FROM '{whole}'").fetchall()}
    holds({"date", "delay", "origin"} <= set(names), f"columns of the file: {names}")
    data = whole
    if ROWS != "all":
        data = os.path.join(folder(), "flights.parquet")
        batch.execute(f"COPY (SELECT * FROM '{whole}' LIMIT {int(ROWS)}) TO '{data}' (FORMAT parquet)")
    expected = {(row[0], int(row[1])): row[2:] for row in batch.execute(f"""
        SELECT "{names['origin']}", epoch_ms(date_trunc('hour', CAST("{names['date']}" AS TIMESTAMP))), count(*), avg("{names['delay']}"), max("{names['delay']}")
        FROM '{data}' GROUP BY ALL""").fetchall()}
    total = sum(row[0] for row in expected.values())

    instance = Instance(project(data)).start()
    queries = until(lambda: [q for q in instance.get("/api/v1/queries")], "the example's queries", 30)
    source = until(lambda: [s for s in instance.get("/api/v1/sources") if s["connector"] == "file"], "the file source", 30)[0]
    until(lambda: sum(t["records"] for t in instance.get("/api/v1/topics") if t["name"] == source["topic"]) >= total,
          f"{total} records in topic {source['topic']}", 500, every=0.3)
    for query in queries:
        if query["kind"] == "sink" or query["target"]:
            instance.caught_up(query["name"], 400)
    table = next(t for t in instance.get("/api/v1/tables") if not t["system"])
    columns = [c["name"] for c in instance.get(f"/api/v1/tables/{table['keyspace']}/{table['table']}")["column_list"]]
    print(f"{total} flights, {len(expected)} hours of origins; table {table['keyspace']}.{table['table']} {columns}")
    by = {role: next((c for c in columns if re.search(pattern, c)), None) for role, pattern in
          (("origin", r"origin"), ("start", r"start|hour"), ("flights", r"^(flights|n|count)"), ("mean", r"mean|avg"), ("max", r"max"))}
    holds(all(by.values()), f"columns by role: {by}")
    session = instance.session()

    def rows():
        found = {}
        for row in session.execute(f"SELECT {', '.join(by.values())} FROM {table['keyspace']}.{table['table']}"):
            value = {role: getattr(row, c) for role, c in by.items()}
            start = value["start"]
            ms = int(start.replace(tzinfo=__import__("datetime").timezone.utc).timestamp() * 1000) if hasattr(start, "timestamp") else int(start)
            found[(value["origin"], ms)] = (value["flights"], value["mean"], value["max"])
        return found

    # The last hours close once the topic is idle.
    until(lambda: sum(r[0] for r in rows().values()) >= total, f"{total} flights in the table", 120, every=0.5)
    found = rows()
    session.cluster.shutdown()
    missing, extra = set(expected) - set(found), set(found) - set(expected)
    holds(not missing and not extra, f"{len(missing)} groups are missing {sorted(missing)[:3]}, {len(extra)} too many {sorted(extra)[:3]}")
    different = [(k, found[k], expected[k]) for k in expected
                 if found[k][0] != expected[k][0] or not close(found[k][1], expected[k][1]) or not close(found[k][2], expected[k][2])]
    equal(different[:3], [], f"differences in {len(different)} groups (found, expected)")


if __name__ == "__main__":
    suite.main()
