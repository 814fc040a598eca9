# SPDX-License-Identifier: Apache-2.0
"""Random tables and values. A value is its CQL literal; domains are small, so that statements meet each other's rows."""
import uuid

TEXTS = ["", "a", "b", "ab", "B", "it''s", "\u00e9", "z"]
SCALARS = {
    "int": lambda r: str(r.choice([-2, -1, 0, 1, 2, 3, 7, 2147483647, -2147483648])),
    "bigint": lambda r: str(r.choice([-5, 0, 1, 2, 9, 2 ** 63 - 1, -2 ** 63])),
    "smallint": lambda r: str(r.choice([-3, 0, 1, 4, 32767])),
    "tinyint": lambda r: str(r.choice([-128, -1, 0, 1, 127])),
    "text": lambda r: f"'{r.choice(TEXTS)}'",
    "ascii": lambda r: f"'{r.choice(['', 'a', 'b', 'ba', 'Z'])}'",
    "boolean": lambda r: r.choice(["true", "false"]),
    "double": lambda r: r.choice(["0.0", "-0.5", "1.5", "3", "1e300", "-2.25"]),
    "float": lambda r: r.choice(["0.0", "-0.5", "1.5", "3", "2.25"]),
    "decimal": lambda r: r.choice(["0", "1.0", "1.00", "-3.14", "12345678901234567890.5", "7"]),
    "varint": lambda r: r.choice(["0", "1", "-1", "123456789012345678901234567890", "-128", "255"]),
    "blob": lambda r: r.choice(["0x", "0x00", "0xff", "0x0102", "0x01"]),
    "date": lambda r: r.choice(["'2024-02-29'", "'1970-01-01'", "'1969-12-31'", "'2030-12-01'"]),
    "time": lambda r: r.choice(["'00:00:00'", "'08:12:54.123456789'", "'23:59:59.999'"]),
    "timestamp": lambda r: r.choice(["'2024-02-29 12:34:56.789+0000'", "0", "'1969-07-20 20:17:40+0000'", "1700000000000"]),
    "uuid": lambda r: str(uuid.UUID(int=(r.choice([1, 2, 3, 0xFF00]) << 64) + (4 << 76) + (8 << 60))),
    "timeuuid": lambda r: r.choice(["50554d6e-29bb-11e5-b345-feff819cdc9f", "6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47".replace("48d9", "11d9"),
                                    "00000000-0000-1000-8080-808080808080"]),
    "inet": lambda r: r.choice(["'127.0.0.1'", "'10.0.0.2'", "'2001:db8::1'"]),
    "duration": lambda r: r.choice(["1h", "2d3h", "1mo", "90s"]),
}
KEYS = ["int", "int", "text", "bigint", "boolean", "uuid", "timeuuid", "timestamp", "decimal", "varint", "blob", "smallint",
        "tinyint", "date", "time", "inet", "double", "ascii"]
ELEMENTS = ["int", "text", "bigint", "boolean", "double", "date", "uuid"]


def literal(r, kind, nulls=True):
    if nulls and r.random() < 0.06:
        return "null"
    if kind in SCALARS:
        return SCALARS[kind](r)
    if kind == "counter":
        return r.choice(["0", "1", "-3"])
    if kind.startswith("frozen<"):
        return literal(r, kind[7:-1], False)
    if kind == "pair":
        return f"{{a: {literal(r, 'int')}, b: {literal(r, 'text')}}}"
    inner = kind[kind.index("<") + 1:-1]
    if kind.startswith("map<"):
        key, value = inner.split(", ", 1)
        # No key twice: which of its values stays is chance in Cassandra 5.0.9.
        keys = dict.fromkeys(literal(r, key, False) for _ in range(r.randint(0, 3)))
        return "{" + ", ".join(f"{k}: {literal(r, value, False)}" for k in keys) + "}"
    if kind.startswith("tuple<"):
        return "(" + ", ".join(literal(r, part) for part in inner.split(", ")) + ")"
    items = ", ".join(literal(r, inner, False) for _ in range(r.randint(0, 3)))
    return f"[{items}]" if kind.startswith("list<") else "{" + items + "}"


def element(r, kind):
    """A type for a regular column."""
    choice = r.random()
    if choice < 0.6:
        return r.choice(list(SCALARS))
    a, b = r.choice(ELEMENTS), r.choice(ELEMENTS)
    return r.choice([f"list<{a}>", f"set<{a}>", f"map<{a}, {b}>", f"frozen<list<{a}>>", f"frozen<set<{a}>>",
                     f"frozen<map<{a}, {b}>>", f"frozen<tuple<{a}, {b}>>", "frozen<pair>", "pair"])


class Table:
    """Columns by role; names tell the role (p, c, s, v), so that a failure reads well."""

    def __init__(self, r):
        self.counter = r.random() < 0.12
        self.partition = [(f"p{i}", r.choice(KEYS)) for i in range(r.choice([1, 1, 1, 2]))]
        self.clustering = [(f"c{i}", r.choice(KEYS)) for i in range(r.choice([0, 1, 1, 2, 2, 3]))]
        self.order = [r.choice(["ASC", "DESC"]) for _ in self.clustering]
        kind = (lambda: "counter") if self.counter else (lambda: element(r, None))
        self.static = [(f"s{i}", kind()) for i in range(r.choice([0, 0, 1, 2]) if self.clustering else 0)]
        self.regular = [(f"v{i}", kind()) for i in range(r.choice([1, 2, 2, 3, 4]) if self.counter else r.choice([0, 1, 2, 2, 3, 4]))]
        self.keys = self.partition + self.clustering
        self.values = self.static + self.regular
        self.columns = self.keys + self.values

    def create(self):
        columns = [f"{n} {t}" for n, t in self.keys] + [f"{n} {t} static" for n, t in self.static]
        columns += [f"{n} {t}" for n, t in self.regular]
        key = ", ".join([f"({', '.join(n for n, _ in self.partition)})"] + [n for n, _ in self.clustering])
        text = f"CREATE TABLE TBL ({', '.join(columns)}, PRIMARY KEY ({key}))"
        if self.clustering:
            text += " WITH CLUSTERING ORDER BY (" + ", ".join(f"{n} {o}" for (n, _), o in zip(self.clustering, self.order)) + ")"
        return text
