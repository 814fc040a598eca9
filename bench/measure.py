# SPDX-License-Identifier: Apache-2.0
"""The measurements of bench/run, each a row: what, measured, limit or what it is compared with, verdict."""
import datetime
import glob
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time

from instance import BINARY, ROOT, Instance, folder
from story import until

ARGUMENTS = dict(a[2:].split("=", 1) if "=" in a else (a[2:], "1") for a in sys.argv[1:] if a.startswith("--"))
WORDS = [a for a in sys.argv[1:] if not a.startswith("--")]
RECORDS = int(ARGUMENTS.get("records", 1_000_000))
RUNS = int(ARGUMENTS.get("runs", 1))
PROGRAMS = os.environ.get("TIDEMILL_BENCH", os.path.join(os.path.dirname(os.path.abspath(BINARY)), "bench"))
PAGE = os.path.join(ROOT, "docs/dev/performance.md")
TICKS = os.sysconf("SC_CLK_TCK")

SOURCE = """CREATE SOURCE users_created (
  id TEXT COERCE, first_name TEXT COERCE, last_name TEXT COERCE, gender TEXT COERCE, address TEXT COERCE, post_code TEXT COERCE,
  email TEXT COERCE, username TEXT COERCE, registered_date TEXT COERCE, phone TEXT COERCE, picture TEXT COERCE,
  ingested_at TIMESTAMPTZ METADATA FROM 'timestamp',
  CONSTRAINT id_present CHECK (id IS NOT NULL),
  CONSTRAINT email_present CHECK (email IS NOT NULL),
  CONSTRAINT date_present CHECK (registered_date IS NOT NULL),
  CONSTRAINT id_uuid CHECK (regexp_full_match(id, '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}')),
  CONSTRAINT email_shape CHECK (regexp_matches(email, '.+@.+\\..+')),
  CONSTRAINT gender_known CHECK (gender IS NOT NULL AND gender IN ('male', 'female')),
  WATERMARK FOR ingested_at AS ingested_at - INTERVAL '5 seconds'
) WITH (connector = 'kafka', topic = 'users_created')
  FORMAT PLAIN ENCODE JSON
  ON ERROR DEAD LETTER TO TOPIC 'users_created.dlq';
"""
COLUMNS = "id, first_name, last_name, gender, address, post_code, email, username, registered_date, phone, picture"
SELECT = f"SELECT DISTINCT ON (id) {COLUMNS} FROM users_created WITHIN INTERVAL '24 hours'"
TABLE = ("WITH (connector = 'cassandra', keyspace = 'spark_streams', table = 'created_users', primary_key = 'id', "
         "ttl = '600 s', write_timestamp = 'record_time')")
rows = []


class Missing(Exception):
    """What a measurement needs is not there."""


def program(name):
    found = glob.glob(os.path.join(PROGRAMS, "**", f"tidemill_{name}_bench"), recursive=True)
    if not found:
        raise Missing(f"no tidemill_{name}_bench below {PROGRAMS}: make bench (and tools/setup test for librdkafka)")
    return found[0]


def run_json(name, *arguments, seconds=300):
    done = subprocess.run([program(name), *map(str, arguments)], capture_output=True, text=True, timeout=seconds)
    if done.returncode != 0:
        raise RuntimeError(f"{name} failed: {done.stderr.strip()} {done.stdout.strip()}")
    return json.loads(done.stdout)


def median_of(measure):
    """The median of RUNS runs; `measure` gives one number or a tuple of numbers."""
    taken = [measure() for _ in range(RUNS)]
    if isinstance(taken[0], tuple):
        return tuple(statistics.median(column) for column in zip(*taken))
    return statistics.median(taken)


def row(what, measured, beside, well):
    rows.append((what, measured, beside, {True: "reached", False: "NOT reached", None: ""}[well]))
    print(f"{what:58} {measured:>28}   {beside:44} {rows[-1][3]}", flush=True)


def cpu_seconds(instance):
    with open(f"/proc/{instance.process.pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def measure_ready():
    def once():
        instance = Instance().start()
        took = instance.answered_ms
        instance.stop()
        return took
    took = statistics.median([once() for _ in range(5)])
    row("ready: exec until all ports answer", f"{took:.0f} ms", "limit 1000 ms", took < 1000)


def measure_idle():
    instance = Instance().start()
    until(lambda: instance.get("/api/v1/health")["uptime_ms"] > 3000, "three seconds of life")
    resident = instance.resident_bytes() / 2**20
    instance.stop()
    row("idle: resident memory of an empty stack", f"{resident:.1f} MiB", "limit 120 MiB", resident < 120)


def disk_bytes_per_second(total):
    """What the disk takes when it is written in order and synced every four mebibytes, as a group commit does."""
    piece = os.urandom(2**20)
    path = os.path.join(folder(), "disk")
    file = os.open(path, os.O_CREAT | os.O_WRONLY)
    begin = time.monotonic()
    for at in range(total // len(piece)):
        os.write(file, piece)
        if at % 4 == 3:
            os.fdatasync(file)
    os.fdatasync(file)
    seconds = time.monotonic() - begin
    os.close(file)
    os.remove(path)
    return total / seconds


def measure_produce():
    """The same client, records and run against Tidemill and against a server that keeps nothing; beside it what the disk takes.

    Both are measured on their second run: the first leaves the memory of client, server and page cache touched, as that of a
    machine which has run for a while is. A virtual machine may pay ten times for memory that it never touched before.
    """
    for size, count in ((100, 4_000_000), (1000, 1_000_000)):
        count = int(count * min(1, RECORDS / 1_000_000))

        def load(address, topic):
            return run_json("kafka_load", "bytes", address, topic, count, size)

        def once():
            disk_bytes_per_second(count * size)
            disk = disk_bytes_per_second(count * size) / size
            discarding = subprocess.Popen([program("discard_broker")], stdout=subprocess.PIPE, text=True)
            try:
                address = f"127.0.0.1:{discarding.stdout.readline().strip()}"
                load(address, "load")
                limit = load(address, "load")
            finally:
                discarding.kill()
                discarding.wait()
            instance = Instance().start()
            for topic in ("first", "load"):
                subprocess.run(["kcat", "-b", instance.address("broker"), "-L", "-t", topic], capture_output=True, check=True)
            load(instance.address("broker"), "first")
            instance.cli("topic", "delete", "first")
            ours = load(instance.address("broker"), "load")
            instance.stop()
            return ours["per_second"], limit["per_second"], disk
        ours, limit, disk = median_of(once)
        row(f"produce, acks=all, synced, {size} B records", f"{ours:,.0f}/s",
            f"{ours / limit:.0%} of {limit:,.0f}/s discarded (at least 60%); one synced writer: {disk:,.0f}/s", ours / limit >= 0.6)


def measure_cql():
    def once():
        instance = Instance(only="tables").start()
        rate = run_json("cql_load", instance.ports["tables"], int(400_000 * min(1, RECORDS / 1_000_000)), 4, 256)["per_second"]
        instance.stop()
        return rate
    rate = median_of(once)
    row("cql: prepared inserts, synced, 4 connections", f"{rate:,.0f}/s", "at least 40,000/s", rate >= 40_000)


def measure_generator():
    """A generator that writes as fast as it can, until the last record is in its topic."""
    def once():
        instance = Instance().start()
        cpu, begin = cpu_seconds(instance), time.monotonic()
        instance.sql("CREATE SOURCE flood (id TEXT) WITH (connector = 'generator', topic = 'flood', partitions = 4, "
                     f"rows_per_second = 0, invalid_share = 0.01, duplicate_share = 0.05, count = {2 * RECORDS});")
        until(lambda: instance.get("/api/v1/topics/flood")["records"] >= 2 * RECORDS, "the generator's last record", 300, every=0.005)
        seconds = time.monotonic() - begin
        found = 2 * RECORDS / seconds, (cpu_seconds(instance) - cpu) * 1e6 / (2 * RECORDS), instance.get("/api/v1/topics/flood")["bytes"] / seconds
        instance.stop()
        return found
    rate, cpu, bytes_per_second = median_of(once)
    row("generator: users flat out into a topic, synced", f"{rate:,.0f}/s",
        f"at least 500,000/s ({bytes_per_second / 1e6:,.0f} MB/s, {cpu:.2f} CPU s per million)", rate >= 500_000)


def measure_partitions():
    """Thousands of partitions with something in each: what they hold, a start after kill -9, a stop."""
    count = 5000

    def once():
        instance = Instance(only="broker,web").start()
        instance.create_topic("many", count)
        for _ in range(4):
            for first in range(0, count, 1000):
                instance.post("/api/v1/topics/many/records",
                              {"records": [{"partition": p, "value": "x" * 100} for p in range(first, first + 1000)]}, 120)
        resident = instance.resident_bytes() / 2**20
        files = len(os.listdir(f"/proc/{instance.process.pid}/fd"))
        instance.kill()
        instance.start(120)
        return resident, files, instance.answered_ms, instance.stop(60)[1]
    resident, files, ready, stop = median_of(once)
    row(f"partitions: {count:,} written, resident memory", f"{resident:.1f} MiB", f"{files:.0f} files open", None)
    row(f"partitions: {count:,}, start after kill -9", f"{ready:.0f} ms", "", None)
    row(f"partitions: {count:,}, stop", f"{stop:.1f} s", "limit 5 s", stop < 5)


def full_topic(partitions=4):
    instance = Instance(options=[f"broker.partitions={partitions}"]).start()
    instance.post("/api/v1/topics", {"name": "users_created", "partitions": partitions})
    run_json("kafka_load", "users", instance.address("broker"), "users_created", RECORDS, 11)
    return instance


def drain(instance, statement, query):
    """(events per second, CPU seconds per million) of a new query over the full topic."""
    cpu, begin = cpu_seconds(instance), time.monotonic()
    instance.sql(statement)
    instance.caught_up(query, 600)
    seconds = time.monotonic() - begin
    totals = instance.get(f"/api/v1/queries/{query}")["totals"]
    if totals["input_rows"] != RECORDS:
        raise RuntimeError(f"query {query} read {totals['input_rows']} of {RECORDS} records")
    return RECORDS / seconds, (cpu_seconds(instance) - cpu) * 1e6 / RECORDS


def measure_users():
    instance = full_topic()
    instance.sql(SOURCE)
    turn = [0]

    def once(sink):
        turn[0] += 1
        name = f"drain_{turn[0]}"
        found = drain(instance, f"CREATE SINK {name} AS {SELECT} {sink};", name)
        instance.sql(f"DROP SINK {name};")
        return found

    discarded, discarded_cpu = median_of(lambda: once("WITH (connector = 'blackhole')"))
    into_table, table_cpu = median_of(lambda: once(TABLE))
    instance.stop()
    parts = run_json("parts", min(RECORDS, 300_000), os.path.join(folder(), "rocks"))
    row(f"users: {RECORDS:,} records drained, discarding sink", f"{discarded:,.0f}/s", "at least 1,000,000/s", discarded >= 1_000_000)
    row(f"users: {RECORDS:,} records drained, into the table", f"{into_table:,.0f}/s", "at least 200,000/s", into_table >= 200_000)
    own = parts["json"] + parts["filter"]
    row("users: CPU s per million, discarding sink", f"{discarded_cpu:.2f}",
        f"{discarded_cpu / own:.1f}x of {own:.2f} (simdjson {parts['json']:.2f}, DuckDB {parts['filter']:.2f})", None)
    row("users: CPU s per million, into the table", f"{table_cpu:.2f}",
        f"{table_cpu / parts['sum']:.1f}x of {parts['sum']:.2f} (with RocksDB {parts['put']:.2f}; at most 2x)", table_cpu <= 2 * parts["sum"])


def measure_paced():
    def once():
        instance = Instance(options=["broker.partitions=4"]).start()
        instance.post("/api/v1/topics", {"name": "users_created", "partitions": 4})
        instance.sql(SOURCE + f"CREATE SINK created_users AS {SELECT} {TABLE};")
        detail = instance.get("/api/v1/tables/spark_streams/created_users")
        kind = next(c["type"] for c in detail["column_list"] if c["name"] == "id")
        found = run_json("paced", instance.address("broker"), "users_created", instance.ports["tables"], "spark_streams.created_users", kind,
                         10_000, 20)
        instance.stop()
        return found["p50"], found["p99"]
    p50, p99 = median_of(once)
    row("paced: 10,000/s, record until its row is read, p99", f"{p99:.1f} ms (p50 {p50:.1f} ms)", "limit 50 ms", p99 < 50)


def run_programs():
    """The C++ benchmarks of the folders, as they print themselves."""
    for path in sorted(glob.glob(os.path.join(PROGRAMS, "*", "tidemill_*_bench"))):
        name = os.path.relpath(path, PROGRAMS)
        if name.startswith("clients/") or (WORDS and not any(w in name for w in WORDS)):
            continue
        print(f"\n--- {name}", flush=True)
        work = folder()
        subprocess.run([path], cwd=work, timeout=600, check=False)
        shutil.rmtree(work, ignore_errors=True)


def machine():
    with open("/proc/cpuinfo") as file:
        model = re.search(r"model name\s*: (.*)", file.read())
    version = subprocess.run([BINARY, "--version"], capture_output=True, text=True).stdout.strip()
    return f"{version}, {os.cpu_count()} processors ({model.group(1) if model else 'unknown'}), {datetime.date.today().isoformat()}"


def write_page():
    """Puts the rows between the marks of the page; a measurement that was not run keeps its old row."""
    begin, end = "<!-- rows: bench/run --write -->\n", "<!-- end of rows -->"
    with open(PAGE) as file:
        text = file.read()
    head, rest = text.split(begin, 1)
    old, tail = rest.split(end, 1)
    kept = {line.split("|")[1].strip(): line for line in old.splitlines() if line.startswith("| ") and not line.startswith("| what")}
    kept.update({r[0]: "| " + " | ".join(r) + " |" for r in rows})
    table = "| what | measured | limit, or beside it | |\n|---|---|---|---|\n" + "".join(line + "\n" for line in kept.values())
    with open(PAGE, "w") as file:
        file.write(f"{head}{begin}\n{table}\nLast run: {machine()}.\n\n{end}{tail}")
    print(f"written: {os.path.relpath(PAGE, ROOT)}")


def main():
    print(machine())
    failures = 0
    for measure in (measure_ready, measure_idle, measure_produce, measure_cql, measure_generator, measure_partitions, measure_users, measure_paced):
        if WORDS and not any(w in measure.__name__ for w in WORDS):
            continue
        try:
            measure()
        except Missing as missing:
            print(f"{measure.__name__}: left out: {missing}")
        except Exception as failure:  # one measurement that fails must not hide the others
            failures += 1
            print(f"{measure.__name__}: FAILED: {failure}")
    run_programs()
    if "write" in ARGUMENTS:
        write_page()
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
