# SPDX-License-Identifier: Apache-2.0
"""The tables through the python driver and cqlsh, unchanged."""
import os
import subprocess
import sys
import uuid
from datetime import datetime

from cassandra import AlreadyExists, ConsistencyLevel, InvalidRequest
from cassandra.cluster import Cluster
from cassandra.concurrent import execute_concurrent_with_args
from cassandra.protocol import SyntaxException
from cassandra.query import BatchStatement, SimpleStatement

from instance import Instance
from story import Suite, contains, equal, holds, until

suite = Suite("cql")
story = suite.story
instance = Instance(only="tables")
REPLICATION = "{'class': 'SimpleStrategy', 'replication_factor': 1}"
CQLSH = os.path.join(os.path.dirname(sys.executable), "cqlsh")


def session(keyspace="story", version=4, compression=False):
    cluster = Cluster(["127.0.0.1"], port=instance.ports["tables"], protocol_version=version, compression=compression)
    out = cluster.connect()
    out.execute(f"CREATE KEYSPACE IF NOT EXISTS {keyspace} WITH replication = {REPLICATION}")
    out.set_keyspace(keyspace)
    return out


def cqlsh(text, *arguments):
    done = subprocess.run([CQLSH, "127.0.0.1", str(instance.ports["tables"]), *arguments], input=text, capture_output=True,
                          text=True, timeout=120)
    return done


def refused(kind, call, part):
    try:
        call()
    except kind as error:
        contains(str(error), part)
        return error
    raise AssertionError(f"accepted, expected {kind.__name__}: {part}")


@story("the driver finds its own way to a protocol version and reads the cluster")
def negotiates():
    cluster = Cluster(["127.0.0.1"], port=instance.ports["tables"])
    s = cluster.connect()
    equal(s.execute("SELECT cluster_name, cql_version FROM system.local").one()[1], "3.4.7", "CQL version")
    holds(cluster.metadata.token_map.ring, "a token ring")
    holds({"system", "system_schema", "system_traces"} <= set(cluster.metadata.keyspaces), "system keyspaces")
    cluster.shutdown()


@story("every scalar type and collection comes back as it was bound, on v3, v4 and v5")
def types():
    for version in (3, 4, 5):
        s = session(version=version)
        s.execute(f"CREATE TABLE types{version} (k int PRIMARY KEY, a ascii, b bigint, c blob, d boolean, e date, f decimal, g double, "
                  "h inet, i smallint, j text, l time, m timestamp, n timeuuid, o tinyint, p uuid, q varint, r list<text>, "
                  "s set<int>, t map<text, int>)")
        from cassandra.util import Date, Time, uuid_from_time
        from decimal import Decimal
        moment = datetime(2024, 2, 29, 12, 34, 56, 789000)
        values = (1, "ascii", -(2 ** 63), b"\0\xff", True, Date("2024-02-29"), Decimal("-0.001"), 0.1, "2001:db8::1", -32768,
                  "Zo\u00eb \U0001f680", Time("08:12:54.123456789"), moment, uuid_from_time(moment), -128, uuid.uuid4(), -(2 ** 100),
                  ["b", "", "a"], {3, 1}, {"x": -1})
        insert = s.prepare(f"INSERT INTO types{version} (k, a, b, c, d, e, f, g, h, i, j, l, m, n, o, p, q, r, s, t) VALUES "
                           f"({', '.join('?' * 20)})")
        s.execute(insert, values)
        row = s.execute(f"SELECT k, a, b, c, d, e, f, g, h, i, j, l, m, n, o, p, q, r, s, t FROM types{version}").one()
        for bound, read in zip(values, row):
            equal(sorted(read) if isinstance(bound, set) else dict(read) if isinstance(bound, dict) else read,
                  sorted(bound) if isinstance(bound, set) else bound, "value")
        s.cluster.shutdown()


@story("a thousand requests in flight each get their own row")
def concurrency():
    s = session()
    s.execute("CREATE TABLE many (k int PRIMARY KEY, v text)")
    insert, select = s.prepare("INSERT INTO many (k, v) VALUES (?, ?)"), s.prepare("SELECT k, v FROM many WHERE k = ?")
    for future in [s.execute_async(insert, (k, f"v{k}")) for k in range(1000)]:
        future.result()
    for k, future in enumerate([s.execute_async(select, (k,)) for k in range(1000)]):
        equal(future.result().one(), (k, f"v{k}"), "row")
    s.cluster.shutdown()


@story("pages give every row once, and go on after a restart")
def paging():
    s = session()
    s.execute("CREATE TABLE pages (p int, c int, PRIMARY KEY (p, c))")
    execute_concurrent_with_args(s, s.prepare("INSERT INTO pages (p, c) VALUES (?, ?)"), [(i % 7, i) for i in range(1000)])
    for size in (7, 100, 999, 1000, 5000):
        found = [row.c for row in s.execute(SimpleStatement("SELECT c FROM pages", fetch_size=size))]
        equal(sorted(found), list(range(1000)), f"rows with pages of {size}")
    first = s.execute(SimpleStatement("SELECT c FROM pages", fetch_size=300))
    seen, state = [r.c for r in first.current_rows], first.paging_state
    s.cluster.shutdown()
    instance.stop()
    instance.start()
    s = session()
    rest = s.execute(SimpleStatement("SELECT c FROM pages", fetch_size=300), paging_state=state)
    equal(sorted(seen + [r.c for r in rest]), list(range(1000)), "rows over the restart")
    s.cluster.shutdown()


@story("prepared statements outlive a restart by being prepared again")
def reprepare():
    s = session()
    s.execute("CREATE TABLE again (k int PRIMARY KEY, v text)")
    insert = s.prepare("INSERT INTO again (k, v) VALUES (?, ?)")
    s.execute(insert, (1, "a"))
    instance.stop()
    instance.start()
    other = session()
    other.execute(other.prepare("INSERT INTO again (k, v) VALUES (?, ?)"), (2, "b"))
    equal(sorted(other.execute("SELECT k, v FROM again").all()), [(1, "a"), (2, "b")], "rows")
    s.cluster.shutdown()
    other.cluster.shutdown()


@story("batches, conditions and timestamps do what Cassandra does")
def writes():
    s = session()
    s.execute("CREATE TABLE w (k int PRIMARY KEY, v text)")
    batch = BatchStatement()
    batch.add("INSERT INTO w (k, v) VALUES (1, 'a')")
    batch.add(s.prepare("INSERT INTO w (k, v) VALUES (?, ?)"), (2, "b"))
    s.execute(batch)
    equal(sorted(s.execute("SELECT k, v FROM w").all()), [(1, "a"), (2, "b")], "rows")
    equal(s.execute("INSERT INTO w (k, v) VALUES (1, 'z') IF NOT EXISTS").was_applied, False, "applied")
    s.execute("INSERT INTO w (k, v) VALUES (3, 'new') USING TIMESTAMP 200")
    s.execute("INSERT INTO w (k, v) VALUES (3, 'old') USING TIMESTAMP 100")
    equal(s.execute("SELECT v FROM w WHERE k = 3").one()[0], "new", "value")
    s.execute(SimpleStatement("INSERT INTO w (k, v) VALUES (4, 'q')", consistency_level=ConsistencyLevel.QUORUM))
    s.cluster.shutdown()


@story("errors arrive as the driver's own classes with Cassandra's words")
def errors():
    s = session()
    s.execute("CREATE TABLE e (k int PRIMARY KEY)")
    refused(SyntaxException, lambda: s.execute("SELEC"), "line 1:0 no viable alternative at input 'SELEC'")
    refused(InvalidRequest, lambda: s.execute("SELECT * FROM nope"), "table nope does not exist")
    refused(InvalidRequest, lambda: s.execute("CREATE MATERIALIZED VIEW v AS SELECT * FROM e"), "CREATE MATERIALIZED VIEW is not supported")
    error = refused(AlreadyExists, lambda: s.execute("CREATE TABLE e (k int PRIMARY KEY)"), "")
    equal((error.keyspace, error.table), ("story", "e"), "names in the error")
    s.cluster.shutdown()


@story("another connection hears of schema changes")
def events():
    s, watcher = session(), session()
    s.execute("CREATE TABLE heard (k int PRIMARY KEY)")
    until(lambda: "heard" in watcher.cluster.metadata.keyspaces["story"].tables, "the new table in the other's metadata")
    s.execute("ALTER TABLE heard ADD v text")
    until(lambda: "v" in watcher.cluster.metadata.keyspaces["story"].tables["heard"].columns, "the new column")
    s.execute("DROP TABLE heard")
    until(lambda: "heard" not in watcher.cluster.metadata.keyspaces["story"].tables, "the table gone")
    s.cluster.shutdown()
    watcher.cluster.shutdown()


@story("cqlsh describes keyspaces, prints rows and reports errors")
def shell():
    contains(cqlsh("", "-e", "DESCRIBE KEYSPACES").stdout, "system_schema")
    done = cqlsh(f"CREATE KEYSPACE shell WITH replication = {REPLICATION};\nUSE shell;\n"
                 "CREATE TABLE t (k int PRIMARY KEY, v text);\nINSERT INTO t (k, v) VALUES (1, 'one');\nSELECT * FROM t;\n"
                 "DESCRIBE TABLE t;\n")
    contains(done.stdout, " k | v\n---+-----\n 1 | one\n\n(1 rows)")
    contains(done.stdout, "CREATE TABLE shell.t (\n    k int PRIMARY KEY,\n    v text\n) WITH ")
    failed = cqlsh("SELECT * FROM shell.nope;\n")
    contains(failed.stderr, "table nope does not exist")
    equal(failed.returncode, 2, "exit status")


@story("cqlsh copies a thousand rows in and out again")
def copy():
    from instance import folder
    path = os.path.join(folder(), "rows.csv")
    with open(path, "w") as file:
        file.writelines(f"{i},name {i}\n" for i in range(1000))
    done = cqlsh(f"CREATE KEYSPACE copies WITH replication = {REPLICATION};\nUSE copies;\nCREATE TABLE t (k int PRIMARY KEY, v text);\n"
                 f"COPY t (k, v) FROM '{path}' WITH NUMPROCESSES = 1;\nSELECT count(*) FROM t;\n"
                 f"COPY t (k, v) TO '{path}.back' WITH NUMPROCESSES = 1;\n")
    contains(done.stdout, "1000 rows imported from 1 files")
    contains(done.stdout, "1000 rows exported to 1 files")
    with open(path) as before, open(path + ".back") as after:
        equal(sorted(after.read().split()), sorted(before.read().split()), "copied rows")


if __name__ == "__main__":
    instance.start()
    suite.main()
