# SPDX-License-Identifier: Apache-2.0
"""Bytes on a socket: what a broken or hostile client sends."""
import socket
import struct


def talk(port, data, seconds=10, most=1 << 20, half_close=True):
    """Sends, says that no more comes, and returns what came back until the server closed or was silent for so long."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        try:
            connection.sendall(data)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
            while len(answer) < most:
                part = connection.recv(65536)
                if not part:
                    break
                answer += part
        except OSError:  # closed under us, or silent: what came is the answer
            pass
    return answer


def kafka_frame(key, version, correlation, body=b"", client=b"bad", tagged=False):
    header = struct.pack(">hhih", key, version, correlation, len(client)) + client + (b"\0" if tagged else b"")
    return struct.pack(">i", len(header) + len(body)) + header + body


def exchange(port, frame, seconds=10):
    """One request and its whole answer without the length, or b'' when the server closed instead."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        connection.sendall(frame)
        return read_frame(connection)


def read_exactly(connection, count):
    out = b""
    while len(out) < count:
        try:
            part = connection.recv(count - len(out))
        except ConnectionError:
            part = b""
        if not part:
            return out
        out += part
    return out


def read_frame(connection):
    size = read_exactly(connection, 4)
    return read_exactly(connection, struct.unpack(">i", size)[0]) if len(size) == 4 else b""


def cql_frame(opcode, body=b"", version=4, stream=1, flags=0, length=None):
    return struct.pack(">BBhBi", version, flags, stream, opcode, len(body) if length is None else length) + body


def cql_string_map(pairs):
    out = struct.pack(">H", len(pairs))
    for k, v in pairs.items():
        out += struct.pack(">H", len(k)) + k.encode() + struct.pack(">H", len(v)) + v.encode()
    return out


STARTUP = cql_frame(0x01, cql_string_map({"CQL_VERSION": "3.0.0"}))


def cql_answer(connection):
    """(opcode, stream, body) of one frame, or None when the server closed."""
    head = read_exactly(connection, 9)
    if len(head) < 9:
        return None
    _, _, stream, opcode, length = struct.unpack(">BBhBi", head)
    return opcode, stream, read_exactly(connection, length)


def cql_error(answer):
    """(code, text) of an ERROR frame."""
    opcode, _, body = answer
    if opcode != 0:
        raise AssertionError(f"opcode {opcode} instead of ERROR: {body[:200]!r}")
    code, size = struct.unpack_from(">iH", body)
    return code, body[6:6 + size].decode()


def cql_connection(port):
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall(STARTUP)
    opcode, _, body = cql_answer(connection)
    if opcode != 0x02:
        raise AssertionError(f"STARTUP is answered by opcode {opcode}: {body!r}")
    return connection


def cql_query(connection, text):
    data = text if isinstance(text, bytes) else text.encode()
    connection.sendall(cql_frame(0x07, struct.pack(">i", len(data)) + data + struct.pack(">HB", 1, 0)))
    return cql_answer(connection)
