# SPDX-License-Identifier: Apache-2.0
"""A real Apache Cassandra 5 on loopback, one node, default settings but for ports, folders and patience."""
import os
import re
import shutil
import socket
import struct
import sys

from maven import jars
from peer import Peer, free_ports

VERSION = os.environ.get("CASSANDRA_VERSION", "5.0.9")

# Modules that Cassandra reaches into on Java 17 (its conf/jvm17-server.options).
EXPORTS = """java.base/jdk.internal.misc java.base/jdk.internal.ref java.base/sun.nio.ch java.base/java.lang.ref
java.management.rmi/com.sun.jmx.remote.internal.rmi java.management/com.sun.jmx.remote.security java.rmi/sun.rmi.registry
java.rmi/sun.rmi.server java.sql/java.sql jdk.compiler/com.sun.tools.javac.file jdk.attach/sun.tools.attach""".split()
OPENS = """java.base/java.lang java.base/java.lang.module java.base/java.lang.reflect java.base/java.io java.base/java.nio
java.base/java.util java.base/java.util.concurrent java.base/java.util.concurrent.atomic java.base/sun.nio.ch
java.base/jdk.internal.loader java.base/jdk.internal.ref java.base/jdk.internal.reflect java.base/jdk.internal.math
java.base/jdk.internal.module java.base/jdk.internal.util.jar jdk.management/com.sun.management.internal
jdk.compiler/com.sun.tools.javac java.rmi/sun.rmi.transport.tcp java.rmi/sun.rmi.registry java.rmi/sun.rmi.server""".split()


class Cassandra(Peer):
    name = "cassandra"

    def __init__(self, heap="1g"):
        super().__init__()
        self.heap = heap
        self.libraries = jars(f"cassandra-{VERSION}", f"org.apache.cassandra:cassandra-all:{VERSION}")

    def prepare(self):
        self.port, self.storage_port, self.jmx_port = free_ports(3)
        settings = {
            "cluster_name": "original", "num_tokens": 1, "partitioner": "org.apache.cassandra.dht.Murmur3Partitioner",
            "endpoint_snitch": "SimpleSnitch", "listen_address": "127.0.0.1", "rpc_address": "127.0.0.1",
            "seed_provider": "[{class_name: org.apache.cassandra.locator.SimpleSeedProvider, "
                             f"parameters: [{{seeds: '127.0.0.1:{self.storage_port}'}}]}}]",
            "native_transport_port": self.port, "storage_port": self.storage_port,
            "commitlog_sync": "periodic", "commitlog_sync_period": "10000ms", "auto_snapshot": "false",
            "data_file_directories": f"[{self.path('data')}]", "commitlog_directory": self.path("commitlog"),
            "hints_directory": self.path("hints"), "saved_caches_directory": self.path("saved_caches"),
            "cdc_raw_directory": self.path("cdc_raw"), "disk_failure_policy": "stop", "commit_failure_policy": "stop",
            "memtable_allocation_type": "heap_buffers", "storage_compatibility_mode": "NONE",
            **{f"{what}_request_timeout": "60s" for what in ("read", "range", "write", "counter_write", "cas_contention",
                                                             "truncate")},
            "request_timeout": "60s", "user_defined_functions_enabled": "true", "materialized_views_enabled": "true",
        }
        settings["cas_contention_timeout"] = settings.pop("cas_contention_request_timeout")
        self.write("conf/cassandra.yaml", "".join(f"{key}: {value}\n" for key, value in settings.items()))
        self.write("conf/logback.xml",
                   "<configuration><appender name='out' class='ch.qos.logback.core.ConsoleAppender'><encoder>"
                   "<pattern>%-5level %date{ISO8601} %F:%L - %msg%n</pattern></encoder></appender>"
                   "<root level='WARN'><appender-ref ref='out'/></root></configuration>\n")
        for folder in ("tmp", "conf/triggers", "log"):
            os.makedirs(os.path.join(self.folder, folder), exist_ok=True)

    def command(self):
        agent = next(f for f in os.listdir(self.libraries) if re.match(r"jamm-.*\.jar$", f))
        conf = self.path("conf", "")
        java = ["java", f"-javaagent:{self.libraries}/{agent}", f"-Xms{self.heap}", f"-Xmx{self.heap}", "-Xss256k",
                "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+PerfDisableSharedMem", "-Djava.security.manager=allow",
                "-Djdk.attach.allowAttachSelf=true", "-Djava.net.preferIPv4Stack=true",
                "-Dio.netty.tryReflectionSetAccessible=true", "-Dcassandra-foreground=yes",
                f"-Dcassandra.config=file://{conf}cassandra.yaml", f"-Dlogback.configurationFile=file://{conf}logback.xml",
                f"-Dcassandra.storagedir={self.folder}", f"-Dcassandra.logdir={self.folder}/log",
                f"-Djava.io.tmpdir={self.folder}/tmp", f"-Dcassandra.jmx.local.port={self.jmx_port}",
                "-Dcassandra.skip_wait_for_gossip_to_settle=0", "-Dcassandra.ring_delay_ms=0",
                "-Dcassandra.superuser_setup_delay_ms=0"]
        for option, modules in (("--add-exports", EXPORTS), ("--add-opens", OPENS)):
            for module in modules:
                java += [option, module + "=ALL-UNNAMED"]
        java += ["-cp", f"{conf}:{self.libraries}/*", "org.apache.cassandra.service.CassandraDaemon"]
        if os.geteuid() == 0 and shutil.which("setpriv"):
            # Root could lock all memory, which costs seconds at the start.
            java = ["setpriv", "--bounding-set=-ipc_lock", "--inh-caps=-ipc_lock", "--"] + java
        return java

    def answers(self):
        with socket.create_connection(("127.0.0.1", self.port), 2) as s:
            s.settimeout(5)
            s.sendall(struct.pack(">BBhBi", 4, 0, 1, 5, 0))  # OPTIONS
            if not s.recv(9):
                raise OSError("closed")


if __name__ == "__main__":
    server = Cassandra().start()
    print(f"Cassandra {VERSION} on 127.0.0.1:{server.port} after {server.ready_seconds:.1f} s; ends with the end of input",
          flush=True)
    sys.stdin.read()
