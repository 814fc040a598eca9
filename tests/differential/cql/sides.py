# SPDX-License-Identifier: Apache-2.0
"""The two servers and what a statement gives on each, in a form that can be compared."""
import re
import warnings

from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile
from cassandra.policies import FallthroughRetryPolicy, WhiteListRoundRobinPolicy
from cassandra.query import SimpleStatement, tuple_factory

from statements import RESTART

KEYSPACE = "differential"
# A protocol error (000a) and an answer that the driver cannot decode close the connection too.
CONNECTION_LOST = {"NoHostAvailable", "ConnectionShutdown", "ConnectionException", "DriverException", "000a"}
NOW = 10 ** 14  # a timestamp above it comes from a clock


class Side:
    def __init__(self, name, port, restart=None, revive=None):
        self.name, self.port, self.restart, self.revive = name, port, restart, revive
        self.session = None

    def connect(self):
        if self.session:
            self.session.cluster.shutdown()
        profile = ExecutionProfile(load_balancing_policy=WhiteListRoundRobinPolicy(["127.0.0.1"]), row_factory=tuple_factory,
                                   retry_policy=FallthroughRetryPolicy(), request_timeout=90)
        cluster = Cluster(["127.0.0.1"], port=self.port(), protocol_version=5, connect_timeout=60, control_connection_timeout=60,
                          idle_heartbeat_interval=0, schema_metadata_enabled=False, token_metadata_enabled=False,
                          max_schema_agreement_wait=0, execution_profiles={EXEC_PROFILE_DEFAULT: profile})
        self.session = cluster.connect()
        self.session.execute(f"CREATE KEYSPACE IF NOT EXISTS {KEYSPACE} WITH replication = "
                             "{'class': 'SimpleStrategy', 'replication_factor': 1}")
        self.session.set_keyspace(KEYSPACE)
        self.session.execute("CREATE TYPE IF NOT EXISTS pair (a int, b text)")
        return self

    def run(self, step, table):
        text, page = step
        if text == RESTART:
            if self.restart:
                self.restart()
                self.connect()
            return ("restarted",)
        try:
            result = self.session.execute(SimpleStatement(text.replace("TBL", table), fetch_size=page or 5000))
            types = [str(t.cql_parameterized_type()) for t in result.column_types or []]
            names = list(result.column_names or [])
            rows = [comparable(row, names) for row in result]
            return ("rows", names, types, rows)
        except Exception as failure:
            answer = refusal(failure)
            if answer[1] in CONNECTION_LOST:
                if self.revive:
                    self.revive()
                self.connect()
            return answer


def comparable(row, names):
    out = []
    for name, value in zip(names, row):
        if name.startswith(("writetime", "ttl")) and value is not None:
            values = value if isinstance(value, list) else [value]
            values = [v if v is None else "now" if v > NOW else -(-v // 20000) * 20000 if name.startswith("ttl") else v
                      for v in values]
            value = values if isinstance(value, list) else values[0]
        out.append(repr(value))
    return tuple(out)


def refusal(failure):
    text = str(failure)
    found = re.search(r'code=([0-9a-f]{4}) \[(.*?)\] message="(.*)"', text, re.DOTALL)
    if not found:
        return ("error", type(failure).__name__, text)
    code, _, message = found.groups()
    if code == "2000":
        message = "(syntax)"  # the words of its parser generator change with its grammar
    # A list of overloads in the order of a hash map.
    message = re.sub(r" \(known type signatures: .*", "", message, flags=re.DOTALL)
    message = re.sub(r" \(can be matched by following signatures: .*", "", message, flags=re.DOTALL)
    return ("error", code, message)


warnings.filterwarnings("ignore")
