# SPDX-License-Identifier: Apache-2.0
"""examples/users with the generator switched off, and what a story needs to compare its results."""
import os
import re
import shutil

from instance import ROOT, Instance, folder
from people import COLUMNS, rows_of
from story import equal, holds, until

TOPIC, DEAD, QUERY, TABLE = "users_created", "users_created.dlq", "created_users", "spark_streams.created_users"
VIEW = "signups_per_minute"


def project(trigger=None):
    """A copy of the example without its generator; `trigger` replaces the TRIGGER of the table's sink."""
    copy = os.path.join(folder(), "users")
    shutil.copytree(os.path.join(ROOT, "examples/users"), copy)
    left_out = 0
    for name in os.listdir(os.path.join(copy, "sql")):
        path = os.path.join(copy, "sql", name)
        with open(path) as file:
            text = file.read()
        if "connector = 'generator'" in text:
            os.remove(path)
            left_out += 1
        elif trigger is not None:
            with open(path, "w") as file:
                file.write(re.sub(r"TRIGGER\s+EVERY\s+'[^']*'", trigger, text))
    equal(left_out, 1, "files with a generator in examples/users")
    return copy


def start(partitions=1, trigger="", options=()):
    """A running pipeline on a topic of so many partitions. `trigger` '' is pipelined, None leaves the example's own."""
    instance = Instance(only="broker,tables,engine,web", options=[f"broker.partitions={partitions}", *options]).start()
    instance.create_topic(TOPIC, partitions)
    copy = project(trigger)
    answer = instance.cli("apply", copy, "--yes")
    equal(answer.status, 0, f"apply: {answer.err}")
    instance.pipeline = copy
    return instance


def produce(instance, signups, keyed=True, **options):
    """Sends them in order and returns [(partition, offset)] of the acknowledged; all must be."""
    places = [None] * len(signups)
    producer = instance.producer(linger_ms=5, **options)

    def delivered(at):
        def remember(failure, message):
            if failure is not None:
                raise AssertionError(f"record {at} was not delivered: {failure}")
            places[at] = (message.partition(), message.offset())
        return remember

    for at, signup in enumerate(signups):
        while True:
            try:
                producer.produce(TOPIC, value=signup.value, key=signup.key if keyed else None, on_delivery=delivered(at))
                break
            except BufferError:
                producer.poll(0.1)
        producer.poll(0)
    equal(producer.flush(60), 0, "records left in the producer")
    return places


def table(instance):
    """{id in small letters: row as text} of the whole table."""
    session = instance.session()
    try:
        rows = {}
        for row in session.execute(f"SELECT {', '.join(COLUMNS)} FROM {TABLE}"):
            found = {c: None if getattr(row, c) is None else str(getattr(row, c)) for c in COLUMNS}
            key = found["id"].lower()
            holds(key not in rows, f"id {key} is there twice")
            rows[key] = found
        return rows
    finally:
        session.cluster.shutdown()


def compare_rows(found, expected):
    missing = sorted(set(expected) - set(found))
    extra = sorted(set(found) - set(expected))
    different = []
    for key in set(expected) & set(found):
        for c in COLUMNS:
            want, have = expected[key][c], found[key][c]
            if c == "id":
                want, have = want.lower(), have.lower()
            if want != have:
                different.append((key, c, have, want))
    holds(not missing and not extra and not different,
          f"{len(missing)} rows are missing ({missing[:3]}), {len(extra)} are too many ({extra[:3]}), "
          f"{len(different)} differ (id, column, found, expected: {different[:3]})")


def dead_letters(instance):
    """The whole topic: however many queries read the source, one of them keeps its rejected records."""
    return instance.read_topic(DEAD)


def compare_dead_letters(letters, signups, places):
    """Every rejected record stands there once, with its bytes, key, place and all the rules it breaks; nothing else does."""
    expected = {places[at]: s for at, s in enumerate(signups) if s.rules}
    found = {}
    for _, _, key, value, headers, _ in letters:
        place = (int(headers["partition"]), int(headers["offset"]))
        holds(place not in found, f"record {place} is dead twice")
        found[place] = (key, value, headers)
    missing = [(p, expected[p].kind, expected[p].value[:80]) for p in sorted(set(expected) - set(found))]
    extra = [(p, found[p]) for p in sorted(set(found) - set(expected))]
    holds(not missing and not extra, f"{len(missing)} dead letters are missing {missing[:3]}, {len(extra)} are too many {extra[:3]}")
    for place, signup in expected.items():
        key, value, headers = found[place]
        equal(value, signup.value, f"bytes of the dead letter of {place}")
        equal(key or b"", signup.key, f"key of the dead letter of {place}")
        equal(sorted(headers["rules"].split(",")), sorted(signup.rules), f"rules of {place} ({signup.kind}: {signup.value[:200]!r})")
        equal(headers["topic"], TOPIC, "its topic")
        equal(headers["source"], TOPIC, "its source")
        holds(headers["reason"], f"the dead letter of {place} has no reason")


def check(instance, signups, places):
    """The whole truth about what the pipeline made of these records."""
    instance.caught_up(QUERY)
    instance.caught_up(VIEW)
    compare_rows(table(instance), rows_of(signups))
    compare_dead_letters(dead_letters(instance), signups, places)


def wait_for_rows(instance, count, seconds=60):
    return until(lambda: len(table(instance)) >= count, f"{count} rows in {TABLE}", seconds, every=0.2)
