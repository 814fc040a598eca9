# SPDX-License-Identifier: Apache-2.0
"""Nonsense on every port: a precise error, and the same process answers afterwards.

  badinput/run [WORD...] [--seed=N]
"""
import os
import random
import socket
import struct
import sys

import raw
from instance import Instance, folder, run_binary
from story import Suite, contains, equal, holds, matches, until

suite = Suite("badinput")
story = suite.story
SEED = next((int(a[7:]) for a in sys.argv if a.startswith("--seed=")), random.SystemRandom().randrange(10**6))

_running = []


def instance():
    """One for all stories: whatever was sent before, it must live."""
    if not _running:
        _running.append(Instance().start())
        _running[0].create_topic("well", 1)
    return _running[0]


def lives(one):
    """The same process answers on all ports."""
    holds(one.alive(), f"the process died with status {one.process.returncode}; its log ends: {one.log()[-3000:]}")
    equal(one.get("/api/v1/health")["status"], "ok", "health")
    answer = raw.exchange(one.ports["broker"], raw.kafka_frame(18, 0, 7))
    equal(struct.unpack_from(">ih", answer), (7, 0), "correlation id and error of ApiVersions")
    connection = raw.cql_connection(one.ports["tables"])
    equal(raw.cql_query(connection, "SELECT release_version FROM system.local")[0], 0x08, "opcode of a SELECT's answer")
    connection.close()
    with open(os.path.join(one.data, "ports.json")) as file:
        contains(file.read(), str(one.process.pid), "ports.json")


@story("random bytes on every port")
def random_bytes():
    print(f"seed {SEED}: repeat with --seed={SEED}")
    one, chance = instance(), random.Random(SEED)
    for part in ("broker", "tables", "web"):
        for _ in range(150):
            raw.talk(one.ports[part], chance.randbytes(chance.choice((1, 3, 4, 9, 17, 100, 3000))), seconds=5)
    lives(one)


@story("random bodies behind right Kafka headers, for every API and version")
def random_kafka_bodies():
    one, chance = instance(), random.Random(SEED)
    for key in list(range(0, 93)):
        for version in (0, 1, 2, 3, 5, 9, 12, 17):
            body = chance.randbytes(chance.randrange(0, 120))
            raw.talk(one.ports["broker"], raw.kafka_frame(key, version, 1, body, tagged=chance.random() < 0.5), seconds=5)
    lives(one)


@story("a Kafka request that ends early, at every length")
def truncated_kafka():
    one = instance()
    with socket.create_connection(("127.0.0.1", one.ports["broker"]), timeout=10) as connection:
        whole = raw.kafka_frame(3, 1, 5, struct.pack(">ih", 1, 4) + b"well")
        connection.sendall(whole)
        holds(len(raw.read_frame(connection)) > 20, "the whole request is answered")
    for size in range(1, len(whole)):
        # The frame says it is complete, its contents are not.
        raw.talk(one.ports["broker"], struct.pack(">i", size - 4 if size > 4 else 0) + whole[4:size], seconds=5)
        # The frame is cut.
        raw.talk(one.ports["broker"], whole[:size], seconds=5)
    lives(one)


@story("frames that say they are huge or negative are refused before memory is taken")
def huge_frames():
    one = instance()
    before = one.resident_bytes()
    for size in (-1, -2**31, 2**31 - 1, 101 * 2**20):
        equal(raw.talk(one.ports["broker"], struct.pack(">i", size) + b"\0\3\0\1", half_close=False), b"", f"answer to a frame of {size}")
    for size in (-1, -2**31, 2**31 - 1, 257 * 2**20):
        raw.talk(one.ports["tables"], raw.cql_frame(0x07, b"", length=size), half_close=False, seconds=5)
    equal(one.request("POST", "/api/v1/sql", b'{"sql":"' + b"x" * (17 << 20) + b'"}').status in (413, 0), True, "a body of 17 MiB is refused")
    holds(one.resident_bytes() - before < 64 << 20, "memory was taken for what never came")
    lives(one)


@story("an unknown Kafka API closes the connection, an unknown version of ApiVersions says what is known")
def unknown_kafka():
    one = instance()
    for key in (-1, 93, 1000, 32767):
        equal(raw.talk(one.ports["broker"], raw.kafka_frame(key, 0, 1), half_close=False, seconds=5), b"", f"answer to API {key}")
    answer = raw.exchange(one.ports["broker"], raw.kafka_frame(18, 99, 11, tagged=True))
    correlation, code, count = struct.unpack_from(">ihi", answer)
    equal((correlation, code), (11, 35), "correlation id and UNSUPPORTED_VERSION")
    holds(count > 0, "the versions that are known")
    equal(raw.talk(one.ports["broker"], raw.kafka_frame(3, 99, 1), half_close=False, seconds=5), b"", "Metadata v99")
    lives(one)


def produce_v3(topic, records):
    """A Produce v3 request with these bytes as record batch."""
    return raw.kafka_frame(0, 3, 9, struct.pack(">hhi", -1, -1, 5000) + struct.pack(">i", 1) + struct.pack(">h", len(topic)) + topic.encode()
                           + struct.pack(">ii", 1, 0) + struct.pack(">i", len(records)) + records)


def produce_code(answer, topic):
    place = 4 + 4 + 2 + len(topic) + 4 + 4
    return struct.unpack_from(">h", answer, place)[0]


@story("record batches with wrong sums, lengths or magic are refused and nothing of them is kept")
def wrong_batches():
    one, chance = instance(), random.Random(SEED)
    header = bytearray(struct.pack(">qiibIhiqqqhii", 0, 49 + 10, -1, 2, 0xDEADBEEF, 0, 0, 1, 1, -1, -1, -1, 1))
    cases = {
        "wrong CRC": bytes(header) + b"\x12" * 10,
        "magic 0": bytes(header[:16]) + b"\0" + bytes(header[17:]) + b"\x12" * 10,
        "magic 9": bytes(header[:16]) + b"\x09" + bytes(header[17:]) + b"\x12" * 10,
        "half a header": bytes(header[:30]),
        "length beyond the bytes": struct.pack(">qi", 0, 10**6) + bytes(header[12:]) + b"\x12" * 10,
        "negative length": struct.pack(">qi", 0, -5) + bytes(header[12:]) + b"\x12" * 10,
        "noise": chance.randbytes(200),
    }
    for name, records in cases.items():
        answer = raw.exchange(one.ports["broker"], produce_v3("well", records))
        holds(answer, f"{name}: the connection was closed instead of an error")
        # CORRUPT_MESSAGE, UNSUPPORTED_FOR_MESSAGE_FORMAT, INVALID_RECORD, UNSUPPORTED_VERSION or INVALID_REQUEST
        contains((2, 43, 87, 35, 42, 76), produce_code(answer, "well"), f"error code of '{name}'")
    for _ in range(100):
        noise = bytearray(bytes(header) + chance.randbytes(40))
        for _ in range(3):
            noise[chance.randrange(len(noise))] = chance.randrange(256)
        raw.exchange(one.ports["broker"], produce_v3("well", bytes(noise)))
    equal(one.read_topic("well"), [], "records kept")
    lives(one)


@story("a record of 100 MB is refused by name, one below the limit is kept whole")
def huge_records():
    from confluent_kafka import KafkaException
    one = instance()
    one.create_topic("large", 1, **{"max.message.bytes": str(40 << 20)})
    producer = one.producer(message_max_bytes=200_000_000, enable_idempotence=False, message_timeout_ms=8000, retries=0)
    outcome = []
    producer.produce("large", value=b"x" * (30 << 20), on_delivery=lambda e, m: outcome.append(e))
    producer.flush(30)
    equal(outcome, [None], "a record of 30 MiB")
    for topic in ("large", "well"):
        outcome.clear()
        try:
            producer.produce(topic, value=b"x" * (100 << 20), on_delivery=lambda e, m: outcome.append(e))
            producer.flush(40)
        except KafkaException as failure:
            outcome.append(failure)
        holds(len(outcome) == 1 and outcome[0] is not None, f"100 MiB into {topic}: {outcome}")
    equal([len(r[3]) for r in one.read_topic("large")], [30 << 20], "sizes in the topic")
    outcome.clear()
    producer.produce("well", value=b"x" * (2 << 20), on_delivery=lambda e, m: outcome.append(e))
    producer.flush(20)
    holds(outcome and outcome[0] is not None and outcome[0].name() == "MSG_SIZE_TOO_LARGE", f"2 MiB into a topic of 1 MiB at most: {outcome}")
    lives(one)


@story("bodies cut at every length behind a right CQL header")
def truncated_cql():
    one = instance()
    text = b"SELECT * FROM system.local"
    bodies = {0x07: struct.pack(">i", len(text)) + text + struct.pack(">HB", 1, 0), 0x01: raw.STARTUP[9:],
              0x0A: struct.pack(">H", 4) + b"\0" * 4 + struct.pack(">HB", 1, 0), 0x0B: struct.pack(">HH", 1, 6) + b"SCHEMA",
              0x0D: struct.pack(">BHB", 0, 1, 0) + struct.pack(">i", len(text)) + text + struct.pack(">HHB", 0, 1, 0)}
    for opcode, body in bodies.items():
        for size in range(len(body)):
            connection = raw.cql_connection(one.ports["tables"])
            connection.sendall(raw.cql_frame(opcode, body[:size]))
            answer = raw.cql_answer(connection)
            if answer is not None:
                code, message = raw.cql_error(answer)
                contains((0x000A, 0x2000, 0x2200, 0x2500, 0x0000), code, f"code for opcode {opcode} cut at {size}: {message}")
            connection.close()
    lives(one)


@story("unknown CQL versions, opcodes and flags are answered in the protocol")
def unknown_cql():
    one = instance()
    for version in (1, 2, 6, 66, 127):
        # Up to version 2 a stream is one byte. What an old client can read of the answer is its text.
        options = struct.pack(">BBbBi", version, 0, 1, 5, 0) if version < 3 else raw.cql_frame(0x05, version=version)
        answer = raw.talk(one.ports["tables"], options, half_close=False, seconds=2)
        matches(answer.decode("latin-1"), rf"(?i)protocol.*\b{version}\b", f"answer to version {version}")
    for opcode in (0x04, 0x11, 0x7F, 0xFF):
        with socket.create_connection(("127.0.0.1", one.ports["tables"]), timeout=10) as connection:
            connection.sendall(raw.cql_frame(opcode, b"\0\0"))
            answer = raw.cql_answer(connection)
            if answer is not None:
                equal(raw.cql_error(answer)[0], 0x000A, f"code for opcode {opcode}")
    with socket.create_connection(("127.0.0.1", one.ports["tables"]), timeout=10) as connection:
        text = b"SELECT * FROM system.local"
        connection.sendall(raw.cql_frame(0x07, struct.pack(">i", len(text)) + text + struct.pack(">HB", 1, 0)))
        equal(raw.cql_error(raw.cql_answer(connection))[0], 0x000A, "code for a QUERY before STARTUP")
    lives(one)


@story("CQL nonsense gets Cassandra's error codes and names what is wrong")
def cql_nonsense():
    one = instance()
    connection = raw.cql_connection(one.ports["tables"])
    for text in ("CREATE KEYSPACE bad WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
                 "CREATE TABLE bad.t (k int PRIMARY KEY, v text, n int)"):
        holds(raw.cql_query(connection, text)[0] != 0, text)
    syntax, invalid, exists = 0x2000, 0x2200, 0x2400
    for text, wanted, part in (
            ("SELEKT * FROM bad.t", syntax, "SELEKT"), ("", syntax, ""), (";", syntax, ""), ("SELECT * FROM", syntax, "EOF"),
            ("SELECT * FROM bad.t WHERE", syntax, "EOF"), ("INSERT INTO bad.t (k) VALUES (1", syntax, "EOF"), ("'" * 1001, syntax, ""),
            ("(" * 5000, syntax, ""), ("SELECT * FROM nowhere.t", invalid, "nowhere"), ("SELECT * FROM bad.nothing", invalid, "nothing"),
            ("SELECT zzz FROM bad.t", invalid, "zzz"), ("INSERT INTO bad.t (k, v) VALUES ('text', 'a')", invalid, "k"),
            ("INSERT INTO bad.t (k, v) VALUES (1, 2)", invalid, "v"), ("INSERT INTO bad.t (v) VALUES ('a')", invalid, "k"),
            ("INSERT INTO bad.t (k, n) VALUES (1, 99999999999)", invalid, "99999999999"), ("USE nowhere", invalid, "nowhere"),
            ("SELECT * FROM bad.t WHERE v = 'a'", invalid, "ALLOW FILTERING"), ("DELETE FROM bad.t", syntax, ""),
            ("CREATE TABLE bad.t (k int PRIMARY KEY)", exists, "t"), ("CREATE TABLE bad.u (k int)", invalid, "PRIMARY KEY"),
            ("CREATE TABLE bad.u (k strange PRIMARY KEY)", invalid, "strange"), ("CREATE KEYSPACE k", (syntax, invalid, 0x2300), ""),
            (b"SELECT * FROM bad.t WHERE v = '\xff\xfe'", (syntax, invalid, 0x000A), ""), (b"\0\1\2", syntax, "")):
        code, message = raw.cql_error(raw.cql_query(connection, text))
        contains(wanted if isinstance(wanted, tuple) else (wanted,), code, f"code {code:#x} ({message}) for {text[:60]!r}")
        contains(message, part, f"text for {text[:60]!r}")
    chance, words = random.Random(SEED), "SELECT INSERT FROM WHERE INTO VALUES ( ) , ; * = 'x' 1 k v bad.t AND IN ? : [ ] { } TTL USING token( -- /*".split()
    for _ in range(2000):
        raw.cql_query(connection, " ".join(chance.choice(words) for _ in range(chance.randrange(1, 25))))
    equal(raw.cql_query(connection, "SELECT k FROM bad.t")[0], 0x08, "the same connection goes on")
    connection.close()
    lives(one)


@story("SQL nonsense gets the line and column, or the name that is wrong")
def sql_nonsense():
    one = instance()
    good = """CREATE SOURCE s (id TEXT, n BIGINT) WITH (connector = 'kafka', topic = 's') FORMAT PLAIN ENCODE JSON;"""
    one.sql(good)
    for text, part in (
            ("SELEC 1", "line 1"), ("CREATE\nSOURC x", "line 2"), ("CREATE SOURCE s2 (id", "line 1"), ("CREATE SOURCE s2 (id STRANGE) WITH (connector = 'kafka', topic = 'x') FORMAT PLAIN ENCODE JSON", "STRANGE"),
            ("CREATE SOURCE s2 (id TEXT) WITH (connector = 'kafkaa', topic = 'x') FORMAT PLAIN ENCODE JSON", "kafkaa"),
            ("CREATE SOURCE s2 (id TEXT) WITH (connector = 'kafka', topik = 'x') FORMAT PLAIN ENCODE JSON", "topik"),
            (good, "exists"), ("DROP SINK nothing", "nothing"), ("CREATE SINK k AS SELECT zzz FROM s WITH (connector = 'blackhole')", "zzz"),
            ("CREATE SINK k AS SELECT id FROM nowhere WITH (connector = 'blackhole')", "nowhere"),
            ("CREATE SINK k AS SELECT id FROM s WITH (connector = 'strange')", "strange"),
            ("CREATE SINK k AS SELECT id FROM s WITH (connector = 'cassandra', keyspace = 'a', table = 'b', primary_key = 'zzz')", "zzz"),
            ("CREATE SINK k AS SELECT n + FROM s WITH (connector = 'blackhole')", ""), ("CREATE SINK k AS DELETE FROM s WITH (connector = 'blackhole')", ""),
            ("CREATE SOURCE s3 (id TEXT, CONSTRAINT c CHECK (nope > 1)) WITH (connector = 'kafka', topic = 'x') FORMAT PLAIN ENCODE JSON", "nope"),
            ("DESCRIBE nothing", "nothing"), ("EXPLAIN nothing", "nothing"), ("PAUSE SINK nothing", "nothing"), ("'", "line 1"), ("(" * 10000, ""), ("\0", "")):
        answer = one.request("POST", "/api/v1/sql", {"sql": text})
        holds(400 <= answer.status < 500 or answer.status == 501, f"status for {text[:70]!r}: {answer}")
        contains(answer.json()["error"]["message"], part, f"error of {text[:70]!r}")
    chance, words = random.Random(SEED), ("CREATE SOURCE SINK MATERIALIZED VIEW AS SELECT FROM WITH ( ) , ; ' \" -- /* 1 s id n :: tumble( INTERVAL '1 minute' "
                                          "GROUP BY EMIT ON WINDOW CLOSE DISTINCT WATERMARK FOR CHECK CONSTRAINT TRIGGER EVERY").split()
    for _ in range(500):
        one.request("POST", "/api/v1/sql", {"sql": " ".join(chance.choice(words) for _ in range(chance.randrange(1, 30)))})
    lives(one)


@story("wrong HTTP requests get their status and an error object")
def http_nonsense():
    one = instance()
    for method, path, body, status in (
            ("POST", "/api/v1/sql", b"{", 400), ("POST", "/api/v1/sql", b"[]", 400), ("POST", "/api/v1/sql", b'{"sql": 5}', 400),
            ("POST", "/api/v1/sql", b"\xff\xfe", 400), ("POST", "/api/v1/sql", b"", 400), ("POST", "/api/v1/sql", b"[" * 100000, 400),
            ("POST", "/api/v1/topics", b'{"name": ""}', 400), ("POST", "/api/v1/topics", b'{"name": "a", "partitions": -4}', 400),
            ("POST", "/api/v1/topics", b'{"name": "a", "partitions": 999999999}', 400), ("POST", "/api/v1/topics", b'{"name": "../../etc"}', 400),
            ("GET", "/api/v1/topics/well/records?limit=99999999", None, 400), ("GET", "/api/v1/topics/well/records?from=yesterday", None, 400),
            ("GET", "/api/v1/topics/well/records?partition=77", None, 404), ("GET", "/api/v1/topics/%ff%fe", None, (400, 404)),
            ("GET", "/api/v1/topics/nowhere", None, 404), ("GET", "/../../../../etc/passwd", None, (200, 400, 404)), ("PATCH", "/api/v1/topics", b"{}", (404, 405))):
        answer = one.request(method, path, body)
        contains(status if isinstance(status, tuple) else (status,), answer.status, f"status of {method} {path} {(body or b'')[:40]!r}: {answer}")
        holds("root:" not in answer.text, "a file of the machine was served")
        if path.startswith("/api/") and answer.status >= 400:
            holds(answer.json()["error"]["message"], f"error object of {path}")
    for text in (b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n", b"A" * 100000,
                 b"POST /api/v1/sql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n", b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 50000 + b"\r\n",
                 b"GET /api/v1/live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"):
        raw.talk(one.ports["web"], text, seconds=5)
    contains(raw.talk(one.ports["web"], b"GET / SMTP/1.1\r\n\r\n", seconds=5), b"HTTP/1.1 400", "what is no HTTP")
    lives(one)


@story("nonsense on the live socket gets an error or a close")
def live_nonsense():
    one, chance = instance(), random.Random(SEED)
    host = f"127.0.0.1:{one.ports['web']}".encode()
    hello = (b"GET /api/v1/live HTTP/1.1\r\nHost: " + host + b"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")

    def after_upgrade(data):
        """What comes back within two seconds, until the server closes or has said something."""
        with socket.create_connection(("127.0.0.1", one.ports["web"]), timeout=2) as connection:
            connection.sendall(hello)
            contains(connection.recv(4096), b"101 Switching", "upgrade")
            connection.sendall(data)
            try:
                return connection.recv(4096)
            except OSError:
                return b""

    def text_frame(text):
        mask = b"\1\2\3\4"
        size = bytes([0x80 | len(text)]) if len(text) < 126 else bytes([0x80 | 126]) + struct.pack(">H", len(text))
        return b"\x81" + size + mask + bytes(c ^ mask[i % 4] for i, c in enumerate(text))

    contains(after_upgrade(text_frame(b'{"subscribe": ["overview"]}')), b'"overview"', "the full state at once")
    for text in (b"{", b"[]", b'{"subscribe": 5}', b'{"subscribe": ["no-such-channel"]}', b'{"subscribe": ["topic:nowhere", "query:"]}',
                 b"\xff\xfe", b'{"subscribe": ["' + b"a" * 60000 + b'"]}'):
        answer = after_upgrade(text_frame(text))
        holds(b"error" in answer or answer[:1] in (b"\x88", b""), f"answer to {text[:40]!r}: {answer[:300]!r}")
    after_upgrade(bytes([0x81, 0xFF]) + b"\x7f" + b"\xff" * 7 + b"\1\2\3\4")
    after_upgrade(chance.randbytes(500))
    contains(raw.talk(one.ports["web"], hello.replace(host, b"evil.example"), seconds=2), b"HTTP/1.1 403", "a page of another host")
    lives(one)


@story("records that are no right JSON go to the dead letter whatever they are")
def odd_records():
    one = instance()
    one.sql("""CREATE SOURCE odd (id TEXT, n BIGINT, f DOUBLE, b BOOLEAN, t TIMESTAMPTZ, CONSTRAINT id_present CHECK (id IS NOT NULL))
               WITH (connector = 'kafka', topic = 'odd') FORMAT PLAIN ENCODE JSON ON ERROR DEAD LETTER TO TOPIC 'odd.dlq';
               CREATE SINK odd_rows AS SELECT id, n, f, b, t FROM odd
               WITH (connector = 'cassandra', keyspace = 'bad', table = 'odd_rows', primary_key = 'id')""")
    deep = b"[" * 5000 + b"]" * 5000
    bad = [b"", b"\0", b"{", b"nul", b"\xef\xbb\xbf{", b"{}", b'{"id": null}', b'{"id": "a", "n": "many"}', b'{"id": "a", "n": 1.5}', b'{"id": "a", "n": 99999999999999999999}',
           b'{"id": "a", "f": "x"}', b'{"id": "a", "b": 3}', b'{"id": "a", "t": "yesterday"}', b'{"id": "a\xff"}', b'{"id": "\\ud800"}', b'{"id": "a", "x": ' + deep + b"}",
           b'{"id": "a"} trailing', b'{"id": "a",}', b"{'id': 1}", b'{"id": "' + b"\xc0\x80" + b'"}', b'{"id": "a", "n": NaN}', b"[" * 100000]
    good = [b'{"id": "g1", "n": 9223372036854775807, "f": 1e308, "b": true, "t": "2024-02-29T12:00:00Z"}', b'{"id": "g2", "n": null}', b' { "id" : "g3" } ',
            b'{"id": "g4", "x": {"y": [1, {"z": null}]}}', b'{"id": "\\u0000g5"}']
    producer = one.producer()
    failures = []
    for value in [v for pair in zip(bad, good * 5) for v in pair][: 2 * len(good)] + bad[len(good):]:
        producer.produce("odd", value=value, on_delivery=lambda e, m: e and failures.append(e))
    producer.flush(20)
    equal(failures, [], "failed deliveries")
    one.caught_up("odd_rows")
    letters = one.read_topic("odd.dlq")
    equal(sorted(l[3] for l in letters), sorted(bad), "bytes in the dead letter")
    holds(all(l[4]["rules"] and l[4]["reason"] for l in letters), "each has rules and a reason")
    ids = one.cli("cql", "SELECT id FROM bad.odd_rows", "-o", "json").json()
    equal(sorted(r["id"] for r in ids), sorted(["g1", "g2", "g3", "g4", "\0g5"]), "rows")
    equal(one.get("/api/v1/queries/odd_rows")["state"], "running", "state of the query")
    lives(one)


@story("a project with broken files is refused with file, line and column")
def broken_projects():
    def attempt(files):
        path = folder()
        for name, data in files.items():
            os.makedirs(os.path.dirname(os.path.join(path, name)), exist_ok=True)
            with open(os.path.join(path, name), "wb") as file:
                file.write(data)
        return run_binary("up", path, "--data", folder(), *[x for p in ("broker", "tables", "web") for x in ("--set", f"{p}.port=0")], seconds=30)

    for files, part in (({"tidemill.yaml": b"- a\n- b\n"}, "map"), ({"tidemill.yaml": b"a: b: c: [\x01"}, "tidemill.yaml"), ({"tidemill.yaml": b"a: &a [*a]"}, "tidemill.yaml"),
                        ({"tidemill.yaml": b"brokr: {port: 1}"}, "did you mean 'broker'"), ({"sql/1.sql": b"CREATE TABLE x (y INT);"}, "sql/1.sql"), ({"sql/1.sql": b"\xff\xfe\0"}, "sql/1.sql"),
                        ({"sql/1.sql": b"-- only a comment\n\nCREATE SINK x AS SELECT y FROM z WITH (connector = 'blackhole');"}, "z")):
        answer = attempt(files)
        holds(answer.status in (1, 2), f"status with {files}: {answer}")
        contains(answer.err + answer.text, part, f"error with {files}")


if __name__ == "__main__":
    suite.main()
