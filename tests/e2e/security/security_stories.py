# SPDX-License-Identifier: Apache-2.0
"""TLS and passwords on both doors, through the clients people use."""
import os
import shutil
import socket
import ssl
import subprocess
import sys

from cassandra import AuthenticationFailed, Unauthorized
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import Cluster, ExecutionProfile, EXEC_PROFILE_DEFAULT, NoHostAvailable
from cassandra.policies import WhiteListRoundRobinPolicy
from confluent_kafka import Consumer, KafkaError, Producer
from confluent_kafka.admin import (AclBinding, AclBindingFilter, AclOperation, AclPermissionType, AdminClient, NewTopic, ResourcePatternType,
                                   ResourceType, ScramCredentialInfo, ScramMechanism, UserScramCredentialDeletion,
                                   UserScramCredentialUpsertion)

from instance import Instance, end_all, folder, run_binary
from story import Suite, contains, equal, holds, until

suite = Suite("security", end_all)
story = suite.story


def certificate():
    """(certificate, key) of a server of its own authority, for 127.0.0.1 and localhost."""
    where = folder()
    crt, key = os.path.join(where, "server.pem"), os.path.join(where, "server.key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", crt, "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"], check=True, capture_output=True)
    return crt, key


CERTIFICATE, KEY = certificate()
KAFKA_TLS = [f"broker.ssl_certificate_location={CERTIFICATE}", f"broker.ssl_key_location={KEY}"]
CQL_TLS = ["tables.client_encryption=true", f"tables.client_encryption_certificate={CERTIFICATE}", f"tables.client_encryption_private_key={KEY}"]


def kafka(protocol, *more):
    return Instance(only="broker,web", options=[f"broker.security_protocol={protocol}", *(KAFKA_TLS if protocol.endswith("SSL") else []), *more]).start()


def user(one, name="alice", password="secret"):
    answer = one.cli("user", "create", name, stdin=password + "\n")
    equal(answer.status, 0, f"status of user create: {answer}")


def login(one, protocol, mechanism="SCRAM-SHA-512", name="alice", password="secret"):
    """What librdkafka needs to get in."""
    out = {"bootstrap.servers": one.address("broker"), "security.protocol": protocol, "ssl.ca.location": CERTIFICATE}
    if protocol.startswith("SASL"):
        out.update({"sasl.mechanism": mechanism, "sasl.username": name, "sasl.password": password})
    return out


def kcat(one, config, *arguments, stdin=None):
    line = ["kcat", "-m", "5"] + [x for k, v in config.items() for x in ("-X", f"{k}={v}")] + list(arguments)
    return subprocess.run(line, input=stdin, capture_output=True, text=True, timeout=60)


def round_trip(config, topic):
    """Produces a thousand records and reads them back."""
    failures = []
    producer = Producer(config)
    for i in range(1000):
        producer.produce(topic, value=f"value {i}" * 50, on_delivery=lambda e, m: e and failures.append(e))
    equal(producer.flush(30), 0, "records that were not sent")
    equal(failures, [], "failed deliveries")
    consumer = Consumer({**config, "group.id": "g-" + topic, "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    values = set()
    until(lambda: [values.add(m.value()) for m in consumer.consume(500, 1) if not m.error()] is not None and len(values) == 1000, "all records", 60)
    consumer.close()


def refusal(config):
    """Whether the broker refuses the login, as librdkafka tells it; and in which words."""
    seen = []
    client = Producer({**config, "error_cb": seen.append})
    found = until(lambda: client.poll(0.05) is not None and [e for e in seen if e.code() == KafkaError._AUTHENTICATION], f"a refused login with {config}", 20)
    return found[0].str()


@story("kafka clients produce and consume over TLS")
def kafka_tls():
    one = kafka("SSL")
    round_trip(login(one, "SSL"), "secret")
    done = kcat(one, login(one, "SSL"), "-b", one.address("broker"), "-L")
    equal(done.returncode, 0, f"status of kcat: {done.stderr}")
    contains(done.stdout, 'topic "secret"', "kcat -L")
    # A client that does not know the authority, and one that speaks no TLS, stay outside; others go on.
    holds(kcat(one, {"security.protocol": "SSL"}, "-b", one.address("broker"), "-L").returncode != 0, "an unknown certificate was taken")
    holds(kcat(one, {}, "-b", one.address("broker"), "-L").returncode != 0, "plain text was served")
    round_trip(login(one, "SSL"), "secret2")


@story("kafka clients log in by every mechanism over TLS")
def kafka_sasl_tls():
    one = kafka("SASL_SSL")
    user(one)
    for mechanism in ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"):
        round_trip(login(one, "SASL_SSL", mechanism), mechanism.lower())
        done = kcat(one, login(one, "SASL_SSL", mechanism), "-b", one.address("broker"), "-t", mechanism.lower(), "-C", "-e", "-q", "-c", "3")
        equal(done.stdout.count("\n"), 3, f"records through kcat: {done.stderr}")
        contains(refusal(login(one, "SASL_SSL", mechanism, password="wrong")), "Authentication failed", f"refusal of a wrong password by {mechanism}")
        contains(refusal(login(one, "SASL_SSL", mechanism, name="mallory")), "Authentication failed", f"refusal of an unknown user by {mechanism}")
    holds("secret" not in one.log().replace("secret2", ""), "a password is in the log")


@story("users are made and unmade by Kafka's admin clients and stay after a kill")
def kafka_users():
    one = kafka("SASL_PLAINTEXT")
    user(one, "admin", "root-password")
    admin = AdminClient(login(one, "SASL_PLAINTEXT", name="admin", password="root-password"))

    def alter(change):
        for future in admin.alter_user_scram_credentials([change]).values():
            future.result(timeout=20)

    alter(UserScramCredentialUpsertion("bob", ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 8192), b"builder"))
    listed = admin.describe_user_scram_credentials().result(timeout=20)
    equal(sorted(listed), ["admin", "bob"], "users")
    equal([(i.mechanism, i.iterations) for i in listed["bob"].scram_credential_infos], [(ScramMechanism.SCRAM_SHA_256, 8192)], "credentials of bob")
    one.kill()
    one.start()
    bob = login(one, "SASL_PLAINTEXT", "SCRAM-SHA-256", "bob", "builder")
    round_trip(bob, "t")
    refusal(login(one, "SASL_PLAINTEXT", "SCRAM-SHA-512", "bob", "builder"))  # a mechanism the user has no credential of
    admin = AdminClient(login(one, "SASL_PLAINTEXT", name="admin", password="root-password"))
    alter(UserScramCredentialDeletion("bob", ScramMechanism.SCRAM_SHA_256))
    refusal(bob)
    equal([u["name"] for u in one.get("/api/v1/users")], ["admin"], "users that are left")


@story("ACLs refuse and let kafka clients, as its admin client and tidemill acl make them, also after a kill")
def kafka_acls():
    one = kafka("SASL_PLAINTEXT", "broker.authorizer=acl", "broker.super_users=User:root")
    user(one, "root", "root")
    user(one)
    root = AdminClient(login(one, "SASL_PLAINTEXT", name="root", password="root"))
    alice = login(one, "SASL_PLAINTEXT")
    for future in root.create_topics([NewTopic("orders-eu", 1, 1), NewTopic("secret", 1, 1)]).values():
        future.result(timeout=20)
    failed = []
    producer = Producer({**alice, "enable.idempotence": False})
    producer.produce("secret", value="x", on_delivery=lambda e, m: failed.append(e))
    producer.flush(20)
    equal([e.code() for e in failed], [KafkaError.TOPIC_AUTHORIZATION_FAILED], "what alice hears of a topic")
    equal(list(AdminClient(alice).list_topics(timeout=20).topics), [], "topics that alice sees")

    def binding(kind, name, operation):
        return AclBinding(kind, name, ResourcePatternType.PREFIXED, "User:alice", "*", operation, AclPermissionType.ALLOW)

    wanted = [binding(ResourceType.TOPIC, "orders-", AclOperation.READ), binding(ResourceType.TOPIC, "orders-", AclOperation.WRITE),
              binding(ResourceType.GROUP, "g-", AclOperation.READ)]
    for future in root.create_acls(wanted).values():
        future.result(timeout=20)
    every = AclBindingFilter(ResourceType.ANY, None, ResourcePatternType.ANY, None, None, AclOperation.ANY, AclPermissionType.ANY)
    equal(set(root.describe_acls(every).result(timeout=20)), set(wanted), "ACLs")
    round_trip(alice, "orders-eu")
    one.kill()
    one.start()
    alice = login(one, "SASL_PLAINTEXT")
    equal(list(AdminClient(alice).list_topics(timeout=20).topics), ["orders-eu"], "topics that alice sees")
    answer = one.cli("acl", "create", "--deny-principal", "User:*", "--operation", "read", "--topic", "orders-eu")
    equal(answer.status, 0, f"status of acl create: {answer}")
    contains(one.cli("acl", "list", "--topic", "orders-eu", "--resource-pattern-type", "match").text, "DENY", "tidemill acl list")
    seen = []
    consumer = Consumer({**alice, "group.id": "g-2", "auto.offset.reset": "earliest"})
    consumer.subscribe(["orders-eu"])
    until(lambda: [seen.append(m.error().code()) for m in consumer.consume(1, 1) if m.error()] and seen, "a refused fetch", 30)
    equal(seen[0], KafkaError.TOPIC_AUTHORIZATION_FAILED, "what alice hears of a fetch")
    consumer.close()
    root = AdminClient(login(one, "SASL_PLAINTEXT", name="root", password="root"))
    for future in root.delete_acls([every]).values():
        equal(len(future.result(timeout=20)), 4, "ACLs that went")
    equal(one.get("/api/v1/acls"), [], "ACLs that are left")


def cluster(one, user=None, password=None, tls=False, version=4):
    context = None
    if tls:
        context = ssl.create_default_context(cafile=CERTIFICATE)
        context.check_hostname = False
    return Cluster(["127.0.0.1"], port=one.ports["tables"], protocol_version=version, ssl_context=context, connect_timeout=10,
                   auth_provider=PlainTextAuthProvider(user, password) if user else None,
                   execution_profiles={EXEC_PROFILE_DEFAULT: ExecutionProfile(WhiteListRoundRobinPolicy(["127.0.0.1"]), request_timeout=20)})


def rows_come_back(one, **how):
    with cluster(one, **how) as connected:
        session = connected.connect()
        session.execute("CREATE KEYSPACE IF NOT EXISTS ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
        session.execute("CREATE TABLE IF NOT EXISTS ks.t (k int PRIMARY KEY, v text)")
        insert = session.prepare("INSERT INTO ks.t (k, v) VALUES (?, ?)")
        for future in [session.execute_async(insert, (i, "v" * 5000)) for i in range(200)]:
            future.result()
        equal(len(list(session.execute("SELECT k, v FROM ks.t"))), 200, "rows")


def cql_refusal(one, **how):
    try:
        with cluster(one, **how) as connected:
            connected.connect()
    except NoHostAvailable as failure:
        return next(iter(failure.errors.values()))
    raise AssertionError("the client got in")


@story("cql drivers read and write over TLS in every protocol version")
def cql_tls():
    one = Instance(only="tables", options=CQL_TLS).start()
    for version in (3, 4, 5):
        rows_come_back(one, tls=True, version=version)
    cql_refusal(one, tls=False)
    rows_come_back(one, tls=True)


@story("cql drivers log in as the users of the Kafka door in every protocol version")
def cql_login():
    one = Instance(only="tables,web", options=["tables.authenticator=PasswordAuthenticator"]).start()
    user(one)
    for version in (3, 4, 5):
        rows_come_back(one, user="alice", password="secret", version=version)
        failure = cql_refusal(one, user="alice", password="wrong", version=version)
        holds(isinstance(failure, AuthenticationFailed), f"refusal of a wrong password: {failure!r}")
        contains(str(failure), "Provided username alice and/or password are incorrect", "its text")
    failure = cql_refusal(one)
    contains(str(failure).lower(), "authenticat", "refusal of a client without a password")
    equal(one.cli("user", "password", "alice", stdin="changed\n").status, 0, "status of user password")
    cql_refusal(one, user="alice", password="secret")
    rows_come_back(one, user="alice", password="changed")


@story("cqlsh logs in over TLS")
def cqlsh_tls():
    one = Instance(only="tables,web", options=CQL_TLS + ["tables.authenticator=PasswordAuthenticator"]).start()
    user(one)
    rc = os.path.join(folder(), "cqlshrc")
    with open(rc, "w") as file:
        file.write(f"[ssl]\ncertfile = {CERTIFICATE}\nvalidate = true\nversion = TLSv1_2\n")
    cqlsh = shutil.which("cqlsh", path=os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"])

    def ask(password):
        return subprocess.run([cqlsh, "--cqlshrc", rc, "--ssl", "-u", "alice", "-p", password, "-e", "SELECT cluster_name FROM system.local", "127.0.0.1",
                               str(one.ports["tables"])], capture_output=True, text=True, timeout=60, env={**os.environ, "HOME": os.path.dirname(rc)})

    done = ask("secret")
    equal(done.returncode, 0, f"status of cqlsh: {done.stderr}")
    contains(done.stdout, "cluster_name", "cqlsh's answer")
    done = ask("wrong")
    holds(done.returncode != 0, "cqlsh got in by a wrong password")
    contains(done.stderr, "Provided username alice and/or password are incorrect", "what cqlsh says")


PERMISSIONS = ["tables.authenticator=PasswordAuthenticator", "tables.authorizer=CassandraAuthorizer"]


def refused(session, statement, words, *values):
    """Runs what must be refused, in these words."""
    try:
        session.execute(statement, *values)
    except Unauthorized as failure:
        return contains(str(failure), words, f"refusal of {statement}")
    raise AssertionError(f"allowed: {statement}")


@story("cql roles may do what they were granted, also after a kill")
def cql_permissions():
    one = Instance(only="tables,web", options=PERMISSIONS).start()
    equal(one.cli("user", "create", "root", "--superuser", stdin="root\n").status, 0, "status of user create --superuser")
    user(one, "plain", "plain")
    with cluster(one, "root", "root") as connected:
        root = connected.connect()
        for statement in ("CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
                          "CREATE TABLE ks.t (k int PRIMARY KEY, v text)", "INSERT INTO ks.t (k, v) VALUES (1, 'one')",
                          "CREATE ROLE reader", "CREATE ROLE bob WITH PASSWORD = 'bob' AND LOGIN = true", "GRANT reader TO bob"):
            root.execute(statement)
        equal([tuple(r)[:3] for r in root.execute("LIST ROLES")],
              [("bob", False, True), ("plain", False, True), ("reader", False, False), ("root", True, True)], "LIST ROLES")
        for version in (3, 4, 5):
            with cluster(one, "bob", "bob", version=version) as connected:
                bob = connected.connect()  # reads the schema and system.local
                lacks = "User bob has no {} permission on <table ks.t> or any of its parents"
                select = bob.prepare("SELECT v FROM ks.t WHERE k = ?")
                refused(bob, select, lacks.format("SELECT"), (1,))
                root.execute("GRANT SELECT ON KEYSPACE ks TO reader")
                equal([r.v for r in bob.execute(select, (1,))], ["one"], "what bob reads")
                refused(bob, "INSERT INTO ks.t (k, v) VALUES (2, 'two')", lacks.format("MODIFY"))
                refused(bob, "DROP TABLE ks.t", lacks.format("DROP"))
                equal([tuple(r) for r in bob.execute("LIST ALL PERMISSIONS OF bob")],
                      [("reader", "reader", "<keyspace ks>", "SELECT")], "LIST ALL PERMISSIONS OF bob")
                refused(bob, "GRANT MODIFY ON ks.t TO bob", lacks.format("AUTHORIZE"))
                refused(bob, "CREATE ROLE mine", "does not have sufficient privileges")
                root.execute("REVOKE SELECT ON KEYSPACE ks FROM reader")
                refused(bob, select, lacks.format("SELECT"), (1,))
        root.execute("GRANT SELECT ON ks.t TO bob")
        equal([(r.role, r.resource, set(r.permissions)) for r in root.execute("SELECT * FROM system_auth.role_permissions WHERE role = 'bob'")],
              [("bob", "data/ks/t", {"SELECT"})], "system_auth.role_permissions")
        equal([r.salted_hash for r in root.execute("SELECT salted_hash FROM system_auth.roles")], [None] * 4, "what is shown of passwords")
    one.kill()
    one.start()
    with cluster(one, "bob", "bob") as connected:
        bob = connected.connect()
        equal([r.v for r in bob.execute("SELECT v FROM ks.t")], ["one"], "what bob reads after a kill")
        refused(bob, "TRUNCATE ks.t", "MODIFY")
    contains(str(cql_refusal(one, user="reader", password="x")), "Provided username reader", "login as a role without a password")
    equal([(u["name"], u["superuser"]) for u in one.get("/api/v1/users")], [("bob", False), ("plain", False), ("reader", False), ("root", True)], "users")
    equal(one.cli("user", "superuser", "plain").status, 0, "status of user superuser")
    with cluster(one, "plain", "plain") as connected:
        connected.connect().execute("DROP TABLE ks.t")


@story("cqlsh shows roles and permissions, and a refusal")
def cqlsh_permissions():
    one = Instance(only="tables,web", options=PERMISSIONS).start()
    equal(one.cli("user", "create", "root", "--superuser", stdin="root\n").status, 0, "status of user create --superuser")
    cqlsh = shutil.which("cqlsh", path=os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"])
    home = folder()

    def ask(name, text):
        return subprocess.run([cqlsh, "-u", name, "-p", name, "-e", text, "127.0.0.1", str(one.ports["tables"])], capture_output=True,
                              text=True, timeout=60, env={**os.environ, "HOME": home})

    done = ask("root", "CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}; CREATE TABLE ks.t (k int PRIMARY KEY);"
                       " CREATE USER bob WITH PASSWORD 'bob'; GRANT MODIFY ON ks.t TO bob; LIST ROLES; LIST ALL PERMISSIONS OF bob; LIST USERS")
    equal(done.returncode, 0, f"status of cqlsh: {done.stderr}")
    for words in (" bob | False |  True |", "<table ks.t> |     MODIFY", "root |  True"):
        contains(done.stdout, words, "cqlsh's answer")
    done = ask("bob", "INSERT INTO ks.t (k) VALUES (1); SELECT * FROM ks.t")
    contains(done.stderr, 'message="User bob has no SELECT permission on <table ks.t> or any of its parents"', "what cqlsh says")
    holds(done.returncode != 0, "cqlsh ended well")


@story("permissions need a login")
def permissions_need_a_login():
    line = ["up", "--only", "tables", "--data", folder(), "--set", "tables.port=0", "--set", "tables.authorizer=CassandraAuthorizer"]
    answer = run_binary(*line, seconds=30)
    holds(answer.status != 0, "started")
    contains(answer.err, "AllowAllAuthenticator can't be used with CassandraAuthorizer", "error")


@story("nobody listens beyond loopback and lets everybody in, unless told to")
def beyond_loopback():
    def attempt(*options, only="broker,tables,web"):
        line = ["up", "--only", only, "--data", folder()]
        for option in ("broker.port=0", "tables.port=0", "web.port=0", *options):
            line += ["--set", option]
        return run_binary(*line, seconds=30)

    for options, words in ((["listen=0.0.0.0"], "broker would listen on 0.0.0.0"),
                           (["listen=0.0.0.0", "broker.security_protocol=SASL_PLAINTEXT"], "tables would listen on 0.0.0.0"),
                           (["tables.listen=0.0.0.0"], "set tables.authenticator=PasswordAuthenticator"),
                           (["listen=0.0.0.0", "broker.security_protocol=SASL_PLAINTEXT", "tables.authenticator=PasswordAuthenticator"], "set web.listen=127.0.0.1")):
        answer = attempt(*options)
        holds(answer.status != 0, f"started with {options}")
        contains(answer.err, words, f"error with {options}")
    one = Instance(options=["listen=0.0.0.0", "web.listen=127.0.0.1", "broker.security_protocol=SASL_PLAINTEXT", "tables.authenticator=PasswordAuthenticator"]).start()
    contains(one.log(), "there are no users", "the warning of an instance that lets nobody in")
    user(one)
    round_trip(login(one, "SASL_PLAINTEXT"), "t")
    rows_come_back(one, user="alice", password="secret")
    end_all()
    Instance(options=["listen=0.0.0.0", "listen_without_authentication=true"]).start()


@story("what is wrong with a certificate is said with its file")
def bad_certificates():
    other, other_key = certificate()
    for options, words in ((["broker.security_protocol=SSL"], "broker.ssl_certificate_location is not set"),
                           (["broker.security_protocol=SSL", "broker.ssl_certificate_location=/nowhere.pem", f"broker.ssl_key_location={KEY}"], "'/nowhere.pem'"),
                           (["broker.security_protocol=SSL", f"broker.ssl_certificate_location={KEY}", f"broker.ssl_key_location={KEY}"], "cannot use certificate"),
                           (["broker.security_protocol=SSL", f"broker.ssl_certificate_location={CERTIFICATE}", f"broker.ssl_key_location={other_key}"], "private key"),
                           (["broker.security_protocol=SASL_PLAINTEXT", "broker.sasl_enabled_mechanisms=PLAIN,GSSAPI"], "GSSAPI"),
                           (["tables.client_encryption=true"], "tables.client_encryption_certificate is not set")):
        line = ["up", "--only", "broker,tables", "--data", folder()]
        for option in ("broker.port=0", "tables.port=0", *options):
            line += ["--set", option]
        answer = run_binary(*line, seconds=30)
        holds(answer.status != 0, f"started with {options}")
        contains(answer.err, words, f"error with {options}")


@story("nonsense before a handshake or a login costs others nothing")
def nonsense():
    one = Instance(options=[*KAFKA_TLS, "broker.security_protocol=SASL_SSL", *CQL_TLS, "tables.authenticator=PasswordAuthenticator"]).start()
    user(one)
    for part in ("broker", "tables"):
        for data in (b"", b"\0" * 5000, b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\0" + b"\xff" * 512, os.urandom(4096)):
            with socket.create_connection(("127.0.0.1", one.ports[part]), timeout=10) as connection:
                connection.sendall(data)
    round_trip(login(one, "SASL_SSL"), "t")
    rows_come_back(one, user="alice", password="secret", tls=True)
    equal(one.stop()[0], 0, "status at the end")


if __name__ == "__main__":
    suite.main()
