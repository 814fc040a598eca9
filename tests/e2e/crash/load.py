# SPDX-License-Identifier: Apache-2.0
"""What keeps an instance busy while it is killed, and remembers what was acknowledged."""
import sys
import threading
import time

import os
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "users"))
import pipeline  # noqa: E402


class Background:
    """A thread that calls step() until it is stopped; an exception in it fails the story at stop()."""

    def __init__(self, name):
        self.failure = None
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self):
        self.thread.start()
        return self

    def _run(self):
        try:
            while not self.ended.is_set():
                self.step()
        except Exception as failure:
            self.failure = failure

    def stop(self, seconds=30):
        self.ended.set()
        self.thread.join(seconds)
        if self.thread.is_alive():
            raise AssertionError(f"{self.thread.name} hangs")
        if self.failure:
            raise self.failure


class Signups(Background):
    """One idempotent producer that lives through all crashes: each record must be in the log exactly once."""

    def __init__(self, instance, signups, per_second=2500):
        super().__init__("signups")
        self.signups, self.per_second = signups, per_second
        self.places = {}
        self.producer = instance.producer(linger_ms=5, message_timeout_ms=600000, reconnect_backoff_ms=20,
                                          reconnect_backoff_max_ms=200, retry_backoff_ms=20)
        self.sent = 0
        self.begun = time.monotonic()

    def step(self):
        due = int((time.monotonic() - self.begun) * self.per_second)
        while self.sent < min(due, len(self.signups)) and not self.ended.is_set():
            signup = self.signups[self.sent]
            try:
                self.producer.produce(pipeline.TOPIC, value=signup.value, key=signup.key, on_delivery=self._delivered(self.sent))
            except BufferError:
                break
            self.sent += 1
        self.producer.poll(0.01)

    def _delivered(self, at):
        def remember(failure, message):
            if failure is not None:
                raise AssertionError(f"record {at}: {failure}")
            self.places[at] = (message.partition(), message.offset())
        return remember

    def finish(self):
        """Returns (the records sent, their places) once every one is acknowledged."""
        self.stop()
        left = self.producer.flush(120)
        if left:
            raise AssertionError(f"{left} records were never acknowledged")
        return self.signups[:self.sent], [self.places[at] for at in range(self.sent)]


class Inserts(Background):
    """CQL inserts over one connection per life of the instance. acknowledged: {key: value}."""

    TABLE = "crash.kept"

    def __init__(self, instance, acknowledged, start_at):
        super().__init__("inserts")
        self.acknowledged, self.next = acknowledged, start_at
        self.session = instance.session()
        self.session.execute("CREATE KEYSPACE IF NOT EXISTS crash WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
        self.session.execute(f"CREATE TABLE IF NOT EXISTS {self.TABLE} (k bigint PRIMARY KEY, v text)")
        self.insert = self.session.prepare(f"INSERT INTO {self.TABLE} (k, v) VALUES (?, ?)")

    def step(self):
        keys = range(self.next, self.next + 32)
        self.next += 32
        futures = [(k, self.session.execute_async(self.insert, (k, f"value of {k}"))) for k in keys]
        for key, future in futures:
            try:
                future.result()
                self.acknowledged[key] = f"value of {key}"
            except Exception:  # the instance died under it: not acknowledged, so it may be there or not
                if self.ended.wait(0.02):
                    return

    def close(self):
        self.stop()
        self.session.cluster.shutdown()


class Commits(Background):
    """A consumer group that commits what it has read, through all crashes. committed: {partition: newest acknowledged}, asked: newest tried."""

    GROUP = "crash-readers"

    def __init__(self, instance, committed, asked):
        super().__init__("commits")
        from confluent_kafka import KafkaException, TopicPartition
        self.KafkaException, self.TopicPartition = KafkaException, TopicPartition
        self.committed, self.asked = committed, asked
        self.consumer = instance.consumer(group=self.GROUP, session_timeout_ms=6000, socket_timeout_ms=3000)
        self.consumer.subscribe([pipeline.TOPIC])

    def step(self):
        newest = {}
        for message in self.consumer.consume(500, timeout=0.1):
            if message.error() is None:
                newest[message.partition()] = message.offset() + 1
        if not newest:
            return
        for partition, offset in newest.items():
            self.asked[partition] = max(offset, self.asked.get(partition, 0))
        try:
            done = self.consumer.commit(offsets=[self.TopicPartition(pipeline.TOPIC, p, o) for p, o in newest.items()],
                                        asynchronous=False)
            for place in done:
                if place.error is None:
                    self.committed[place.partition] = place.offset
        except self.KafkaException:
            return

    def close(self):
        self.stop(90)
        self.consumer.close()
