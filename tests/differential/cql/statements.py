# SPDX-License-Identifier: Apache-2.0
"""Random statements on a random table: mostly right, sometimes wrong on purpose. TBL stands for the table's name."""
from schemas import Table, literal

RESTART = "-- restart"
RANGES = ["<", "<=", ">", ">="]


class Case:
    def __init__(self, r, length, restarts=True):
        self.r, self.table, self.ttls = r, Table(r), 0
        self.steps = [(self.table.create(), None)]
        kinds = [self.insert] * 6 + [self.update] * 4 + [self.delete] * 4 + [self.select] * 9 + [self.conditional] * 2
        kinds += [self.batch, self.wrong]
        if self.table.counter:
            kinds = [self.count] * 8 + [self.delete] * 2 + [self.select] * 9 + [self.wrong]
        # A small world: few partitions and few rows in each.
        self.pool = {name: [literal(r, kind, False) for _ in range(2 if name[0] == "p" else 3)] for name, kind in self.table.keys}
        for _ in range(length):
            if restarts and r.random() < 0.008:
                self.steps.append((RESTART, None))
            text = r.choice(kinds)()
            self.steps.append((text, r.choice([None, None, None, 1, 2, 3, 7]) if text.startswith("SELECT") else None))
        self.steps += [("SELECT * FROM TBL", None), ("SELECT * FROM TBL", 2)]

    # ---- parts

    def key(self, name, kind):
        return literal(self.r, kind, False) if self.r.random() < 0.05 else self.r.choice(self.pool[name])

    def equal(self, columns):
        return [f"{n} = {self.key(n, t)}" for n, t in columns]

    def using(self, ttl=False):
        parts = [f"TIMESTAMP {self.r.randint(1, 40)}"]
        if ttl and self.r.random() < 0.2:
            self.ttls += 1  # apart by hours: which of two writes expires first never depends on when they ran
            parts.insert(0, f"TTL {1000000 + 20000 * self.ttls}")
        return " USING " + " AND ".join(parts)

    def some(self, columns, least=1):
        columns = list(columns)
        return self.r.sample(columns, self.r.randint(min(least, len(columns)), len(columns)))

    # ---- writes

    def insert(self, using=True):
        r, t = self.r, self.table
        only_static = t.static and r.random() < 0.15
        keys = t.partition if only_static else t.keys
        chosen = keys + self.some(t.static if only_static else t.values, 0)
        values = [self.key(n, k) if (n, k) in t.keys else literal(r, k) for n, k in chosen]
        text = f"INSERT INTO TBL ({', '.join(n for n, _ in chosen)}) VALUES ({', '.join(values)})"
        return text + self.using(True) if using else text

    def assignment(self, name, kind):
        r = self.r
        if r.random() < 0.5:
            if kind.startswith(("list<", "set<", "map<")):
                value = literal(r, kind, False)
                if kind.startswith("map<") and r.random() < 0.5:
                    inner = kind[4:-1].split(", ")
                    if r.random() < 0.4:
                        return f"{name} = {name} - {literal(r, f'set<{inner[0]}>', False)}"
                    return f"{name}[{literal(r, inner[0], False)}] = {literal(r, inner[1])}"
                if kind.startswith("list<"):
                    inner = kind[5:-1]
                    return r.choice([f"{name} = {name} + {value}", f"{name} = {value} + {name}", f"{name} = {name} - {value}",
                                     f"{name}[{r.randint(0, 2)}] = {literal(r, inner)}"])
                return f"{name} = {name} {r.choice('+-') if kind.startswith('set') else '+'} {value}"
            if kind == "pair":
                return f"{name}.{r.choice(['a = 5', 'b = null', chr(98) + ' = ' + chr(39) + 'q' + chr(39)])}"
        return f"{name} = {literal(r, kind)}"

    def update(self, using=True):
        r, t = self.r, self.table
        if not t.values:
            return self.insert(using)
        only_static = t.static and r.random() < 0.2
        chosen = self.some(t.static if only_static else t.values)
        chosen = chosen[:3]
        where = self.equal(t.partition if only_static else t.keys)
        if r.random() < 0.1:
            n, k = t.partition[-1]
            where[len(t.partition) - 1] = f"{n} IN ({self.key(n, k)}, {self.key(n, k)})"
        return (f"UPDATE TBL{self.using(True) if using else ''} SET {', '.join(self.assignment(*c) for c in chosen)} "
                f"WHERE {' AND '.join(where)}")

    def delete(self, using=True):
        r, t = self.r, self.table
        stamp = self.using() if using and not t.counter else ""
        kind = r.random()
        if kind < 0.35 and t.values:
            only_static = t.static and r.random() < 0.3
            chosen = self.some(t.static if only_static else t.values)[:2]
            names = []
            for n, k in chosen:
                if r.random() < 0.5 and k.startswith(("map<", "list<", "set<")):
                    inner = "int" if k.startswith("list<") else k[4:-1].split(", ")[0]
                    names.append(f"{n}[{r.randint(0, 2) if k.startswith('list<') else literal(r, inner, False)}]")
                else:
                    names.append(n)
            where = self.equal(t.partition if only_static else t.keys)
            return f"DELETE {', '.join(names)} FROM TBL{stamp} WHERE {' AND '.join(where)}"
        if kind < 0.6 or not t.clustering:
            return f"DELETE FROM TBL{stamp} WHERE {' AND '.join(self.equal(t.keys))}"
        if kind < 0.7:
            return f"DELETE FROM TBL{stamp} WHERE {' AND '.join(self.equal(t.partition))}"
        return f"DELETE FROM TBL{stamp} WHERE {' AND '.join(self.equal(t.partition) + self.slice())}"

    def slice(self):
        """A prefix of the clustering columns, then perhaps a range of the next one."""
        r, t = self.r, self.table
        depth = r.randint(0, len(t.clustering))
        where = self.equal(t.clustering[:depth])
        if depth < len(t.clustering):
            n, k = t.clustering[depth]
            kind = r.random()
            if kind < 0.3:
                where.append(f"{n} {r.choice(RANGES)} {self.key(n, k)}")
            elif kind < 0.55:
                where += [f"{n} {r.choice(['>', '>='])} {self.key(n, k)}", f"{n} {r.choice(['<', '<='])} {self.key(n, k)}"]
            elif kind < 0.7:
                where.append(f"{n} IN ({', '.join(self.key(n, k) for _ in range(r.randint(1, 3)))})")
            elif kind < 0.85 and depth + 1 < len(t.clustering):
                rest = t.clustering[depth:depth + 2]
                names, value = ", ".join(n for n, _ in rest), lambda: "(" + ", ".join(self.key(*c) for c in rest) + ")"
                where.append(f"({names}) {r.choice(RANGES)} {value()}" if r.random() < 0.6
                             else f"({names}) IN ({value()}, {value()})")
        return where

    def count(self):
        r, t = self.r, self.table
        only_static = t.static and r.random() < 0.2
        chosen = self.some(t.static if only_static else t.values)
        sets = ", ".join(f"{n} = {n} {r.choice('+-')} {r.choice([0, 1, 2, 1000, 2 ** 40])}" for n, _ in chosen)
        return f"UPDATE TBL SET {sets} WHERE {' AND '.join(self.equal(t.partition if only_static else t.keys))}"

    def condition(self):
        r, t = self.r, self.table
        if not t.values or r.random() < 0.3:
            return "IF EXISTS"
        parts = []
        for n, k in self.some(t.values)[:2]:
            operator = r.choice(["=", "=", "!=", "<", ">=", "IN"])
            value = literal(r, k)
            if k.startswith("map<") and r.random() < 0.5:
                inner = k[4:-1].split(", ")
                parts.append(f"{n}[{literal(r, inner[0], False)}] = {literal(r, inner[1])}")
            else:
                parts.append(f"{n} IN ({value}, {literal(r, k)})" if operator == "IN" else f"{n} {operator} {value}")
        return "IF " + " AND ".join(parts)

    def conditional(self):
        kind = self.r.random()
        if kind < 0.35:
            return self.insert(False) + " IF NOT EXISTS"
        return (self.update if kind < 0.75 else self.delete)(False) + " " + self.condition()

    def batch(self):
        inner = "; ".join(self.r.choice([self.insert, self.update, self.delete])(False) for _ in range(self.r.randint(1, 4)))
        return f"BEGIN {self.r.choice(['', 'UNLOGGED '])}BATCH{self.using()} {inner}; APPLY BATCH"

    # ---- reads

    def selection(self):
        r, t = self.r, self.table
        kind = r.random()
        if kind < 0.35:
            return "*"
        if kind < 0.45:
            return "count(*)"
        if kind < 0.5:
            return "JSON *"
        out = []
        for n, k in self.some(t.columns)[:4]:
            form = r.random()
            if form < 0.55:
                out.append(n)
            elif form < 0.7 and (n, k) in t.values:
                out.append(f"{r.choice(['writetime', 'ttl'])}({n})")
            elif form < 0.78:
                out.append(f"{r.choice(['min', 'max', 'count', 'sum', 'avg'])}({n})")
            elif form < 0.84:
                # Not to its own type, which Cassandra 5.0.9 refuses for keys in descending order.
                out.append(f"cast({n} AS {r.choice([to for to in ('text', 'int', 'double', 'bigint') if to != k])})")
            elif form < 0.88:
                out.append(f"toJson({n})")
            elif form < 0.92 and k.startswith("map<"):
                out.append(f"{n}[{literal(r, k[4:-1].split(', ')[0], False)}]")
            elif form < 0.95:
                out.append(f"token({', '.join(n for n, _ in t.partition)})")
            else:
                out.append(f"{n} AS alias{len(out)}")
        return ", ".join(out)

    def select(self):
        r, t = self.r, self.table
        selection, where, tail = self.selection(), [], ""
        kind = r.random()
        whole = kind < 0.25
        if whole:
            if r.random() < 0.15:
                selection = "DISTINCT " + ", ".join(n for n, _ in t.partition + self.some(t.static, 0))
            elif r.random() < 0.3:
                names = ", ".join(n for n, _ in t.partition)
                where = [f"token({names}) {r.choice(RANGES)} token({', '.join(self.key(*c) for c in t.partition)})"]
        elif kind < 0.75:
            where = self.equal(t.partition)
            if r.random() < 0.15:
                n, k = t.partition[-1]
                where[-1] = f"{n} IN ({self.key(n, k)}, {self.key(n, k)}, {self.key(n, k)})"
            where += self.slice()
        else:
            for n, k in self.some(t.columns)[:2]:
                value = self.key(n, k) if n in self.pool else literal(r, k)
                if k.startswith(("list<", "set<", "map<", "frozen<list", "frozen<set", "frozen<map")) and r.random() < 0.6:
                    inner = k[k.index("<") + 1:-1] if not k.startswith("frozen") else k[k.index("<", 7) + 1:-2]
                    where.append(f"{n} CONTAINS {literal(r, inner.split(', ')[-1], False)}")
                else:
                    where.append(f"{n} {r.choice(['=', '=', *RANGES])} {value}")
        if t.clustering and r.random() < 0.25:
            flip = r.random() < 0.5
            depth = r.randint(1, len(t.clustering))
            orders = [o if not flip else {"ASC": "DESC", "DESC": "ASC"}[o] for o in t.order]
            tail += " ORDER BY " + ", ".join(f"{n} {o}" for (n, _), o in list(zip(t.clustering, orders))[:depth])
        elif r.random() < 0.1:
            tail += " GROUP BY " + ", ".join(n for n, _ in t.keys[:r.randint(len(t.partition), len(t.keys))])
        if t.clustering and r.random() < 0.1:
            tail += f" PER PARTITION LIMIT {r.randint(1, 3)}"
        if r.random() < 0.2:
            tail += f" LIMIT {r.randint(1, 6)}"
        if kind >= 0.75 and r.random() < 0.85:
            tail += " ALLOW FILTERING"
        return f"SELECT {selection} FROM TBL{' WHERE ' + ' AND '.join(where) if where else ''}{tail}"

    # ---- wrong on purpose

    def wrong(self):
        r, t = self.r, self.table
        n, k = r.choice(t.columns)
        return r.choice([
            f"SELECT nothing FROM TBL",
            f"SELECT * FROM TBL WHERE nothing = 1",
            f"SELECT * FROM TBL_absent",
            f"SELECT * FROM TBL WHERE {n} = [1, 2]",
            f"SELECT * FROM TBL WHERE {n} = 'x' AND {n} = 'y'",
            f"INSERT INTO TBL ({n}) VALUES ({literal(r, k)})",
            f"INSERT INTO TBL ({n}, {n}) VALUES (1, 2)",
            f"INSERT INTO TBL ({n}) VALUES (1, 2)",
            f"UPDATE TBL SET {n} = {literal(r, k)} WHERE {' AND '.join(self.equal(t.partition[:1]))}",
            f"UPDATE TBL SET nothing = 1 WHERE {' AND '.join(self.equal(t.keys))}",
            f"DELETE {n} FROM TBL WHERE {' AND '.join(self.equal(t.partition))}",
            f"DELETE FROM TBL WHERE {n} > {literal(r, k)}",
            f"SELECT {n} FROM TBL ORDER BY {n}",
            f"SELECT * FROM TBL LIMIT 0",
            f"SELECT * FROM TBL WHERE token({t.partition[0][0]}) > 'x'",
            f"SELECT nofunction({n}) FROM TBL",
            f"SELEKT * FROM TBL",
            f"INSERT INTO TBL JSON '{{\"nothing\": 1}}'",
            f"ALTER TABLE TBL DROP {t.partition[0][0]}",
            f"ALTER TABLE TBL ADD {n} int",
            f"CREATE TABLE TBL (a int PRIMARY KEY)",
            f"TRUNCATE TBL_absent",
            f"UPDATE TBL USING TTL -1 SET {n} = {literal(r, k)} WHERE {' AND '.join(self.equal(t.keys))}",
        ])
