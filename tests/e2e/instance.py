# SPDX-License-Identifier: Apache-2.0
"""One running Tidemill with a data folder and free ports of its own, and the verbs that stories use on it."""
import atexit
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from story import until

BINARY = os.environ.get("TIDEMILL", "build/release/tidemill")
ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))

_folders = []
_processes = []


def folder(prefix="tidemill-e2e-"):
    """A new folder that is removed at exit (kept with TIDEMILL_KEEP=1)."""
    path = tempfile.mkdtemp(prefix=prefix)
    _folders.append(path)
    return path


def end_all():
    """Kills every instance that is still running."""
    for process in _processes:
        if process.poll() is None:
            process.kill()
            process.wait()
    _processes.clear()


@atexit.register
def clean_up():
    end_all()
    if os.environ.get("TIDEMILL_KEEP") != "1":
        for path in _folders:
            shutil.rmtree(path, ignore_errors=True)


def environment(**more):
    """This process's environment without TIDEMILL_* variables, which are options to the binary."""
    out = {k: v for k, v in os.environ.items() if not k.startswith("TIDEMILL")}
    out.update(NO_COLOR="1", **more)
    return out


class Answer:
    """What a command or a request gave back."""

    def __init__(self, status, text, err=""):
        self.status, self.text, self.err = status, text, err

    def json(self):
        return json.loads(self.text)

    def __repr__(self):
        return f"Answer({self.status}, {self.text[:2000]!r}, {self.err[:2000]!r})"


def run_binary(*arguments, stdin=None, env=None, seconds=60):
    """Runs the program to its end, without a terminal."""
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, timeout=seconds, env=env or environment(),
                          input=stdin if stdin is None or isinstance(stdin, bytes) else stdin.encode(),
                          stdin=subprocess.DEVNULL if stdin is None else None)
    return Answer(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))


class Instance:
    def __init__(self, project=None, only=None, data=None, options=(), log_level="info"):
        self.project, self.only, self.options = project, only, list(options)
        self.data = data or folder()
        self.log_path = os.path.join(folder(), "instance.log")
        self.log_level = log_level
        self.process = None
        self.ports = {}
        self.ready_ms = None      # what the instance says
        self.answered_ms = None   # from exec to the ready line, seen from outside

    def arguments(self):
        ports = ["broker.port=0", "tables.port=0", "web.port=0", f"log.level={self.log_level}"]
        line = ["up"] + ([self.project] if self.project else []) + ["--data", self.data]
        if self.only:
            line += ["--only", self.only]
        for option in ports + self.options:
            line += ["--set", option]
        return line

    def launch(self):
        """Starts the process and returns at once."""
        ports_file = os.path.join(self.data, "ports.json")
        if os.path.exists(ports_file):
            os.remove(ports_file)
        self.log_mark = os.path.getsize(self.log_path) if os.path.exists(self.log_path) else 0
        self.begun = time.monotonic()
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([BINARY, *self.arguments()], stdout=log, stderr=subprocess.STDOUT,
                                            stdin=subprocess.DEVNULL, env=environment())
        _processes.append(self.process)
        return self

    def start(self, seconds=30):
        """Starts the process and returns once it says that it is ready."""
        self.launch()
        line = until(lambda: self._ready() or self._ended(), f"'ready in' in {self.log_path}", seconds, every=0.002)
        if line is True:
            raise AssertionError(f"ended with status {self.process.returncode} before it was ready:\n{self.log()[-3000:]}")
        self.answered_ms = (time.monotonic() - self.begun) * 1000
        self.ready_ms = int(line.group(1))
        with open(os.path.join(self.data, "ports.json")) as file:
            self.ports = json.load(file)
        return self

    def _ready(self):
        return re.search(r"^ready in (\d+) ms", self.log(), re.MULTILINE)

    def _ended(self):
        return self.process.poll() is not None

    def log(self):
        """What this run of the process wrote."""
        with open(self.log_path, "rb") as file:
            file.seek(self.log_mark)
            return file.read().decode("utf-8", "replace")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, seconds=10, how=signal.SIGTERM):
        """Asks it to stop; returns (exit status, seconds it took)."""
        begin = time.monotonic()
        self.process.send_signal(how)
        status = self.process.wait(timeout=seconds)
        return status, time.monotonic() - begin

    def alive(self):
        return self.process.poll() is None

    def address(self, part):
        return f"127.0.0.1:{self.ports[part]}"

    @property
    def url(self):
        return f"http://{self.address('web')}"

    def cli(self, *arguments, stdin=None, seconds=60):
        return run_binary("--url", self.url, *arguments, stdin=stdin, seconds=seconds)

    def request(self, method, path, body=None, seconds=30):
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)
        if data is not None:
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=seconds) as answer:
                return Answer(answer.status, answer.read().decode("utf-8", "replace"))
        except urllib.error.HTTPError as failure:
            return Answer(failure.code, failure.read().decode("utf-8", "replace"))
        except (http.client.HTTPException, OSError) as failure:
            return Answer(0, "", str(failure))

    def get(self, path):
        answer = self.request("GET", path)
        if answer.status != 200:
            raise AssertionError(f"GET {path}: {answer}")
        return answer.json()

    def post(self, path, body, seconds=60):
        answer = self.request("POST", path, body, seconds)
        if answer.status not in (200, 201):
            raise AssertionError(f"POST {path}: {answer}")
        return answer.json()

    def sql(self, text):
        return self.post("/api/v1/sql", {"sql": text})["results"]

    def caught_up(self, query, seconds=120):
        """Returns once the query committed every record that is present now."""
        return self.post(f"/api/v1/queries/{query}/wait", {"timeout_ms": int(seconds * 1000)}, seconds + 10)

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            return int(re.search(r"VmRSS:\s+(\d+) kB", file.read()).group(1)) * 1024

    # The clients of other people. Imported here, so that suites without them need no installation.

    def producer(self, **options):
        from confluent_kafka import Producer
        return Producer({"bootstrap.servers": self.address("broker"), "enable.idempotence": True, "acks": "all",
                         "log_level": 2, **{k.replace("_", "."): v for k, v in options.items()}})

    def consumer(self, group="story", **options):
        from confluent_kafka import Consumer
        return Consumer({"bootstrap.servers": self.address("broker"), "group.id": group, "auto.offset.reset": "earliest",
                         "enable.auto.commit": False, "log_level": 2,
                         **{k.replace("_", "."): v for k, v in options.items()}})

    def admin(self):
        from confluent_kafka.admin import AdminClient
        return AdminClient({"bootstrap.servers": self.address("broker"), "log_level": 2})

    def create_topic(self, name, partitions=1, **configs):
        from confluent_kafka.admin import NewTopic
        admin = self.admin()  # must outlive the answer
        admin.create_topics([NewTopic(name, num_partitions=partitions, replication_factor=1, config=configs)])[name].result(30)

    def read_topic(self, name, isolation="read_committed"):
        """Every record present now: (partition, offset, key, value, headers as a dict, timestamp)."""
        from confluent_kafka import TopicPartition
        consumer = self.consumer(group="reader", isolation_level=isolation, enable_partition_eof=True)
        try:
            known = consumer.list_topics(name, timeout=20).topics[name]
            parts = sorted(known.partitions)
            if not parts:
                return []
            consumer.assign([TopicPartition(name, p, 0) for p in parts])
            records, ended = [], set()

            def step():
                for message in consumer.consume(5000, timeout=0.2):
                    if message.error() is None:
                        records.append((message.partition(), message.offset(), message.key(), message.value(),
                                        {k: (v or b"").decode("utf-8", "replace") for k, v in message.headers() or []},
                                        message.timestamp()[1]))
                    elif message.error().code() == -191:  # the end of a partition
                        ended.add(message.partition())
                    else:
                        raise AssertionError(str(message.error()))
                return len(ended) == len(parts)

            until(step, f"the end of topic {name}", 120, every=0)
            return sorted(records, key=lambda r: r[:2])
        finally:
            consumer.close()

    def session(self, keyspace=None, seconds=30):
        """A connected session of the Cassandra driver; close with session.cluster.shutdown()."""
        from cassandra.cluster import Cluster
        from cassandra.policies import ConstantReconnectionPolicy
        cluster = Cluster(["127.0.0.1"], port=self.ports["tables"], connect_timeout=seconds, protocol_version=4,
                          control_connection_timeout=seconds, idle_heartbeat_interval=0,
                          reconnection_policy=ConstantReconnectionPolicy(0.2))
        session = cluster.connect(keyspace)
        session.default_timeout = seconds
        return session
