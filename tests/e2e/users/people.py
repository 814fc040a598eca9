# SPDX-License-Identifier: Apache-2.0
"""Sign-up records whose fate is known because of how they are made: no rule is evaluated here.

Each record is a Signup: the bytes for the topic, its key, and either the row that must stand in the table, or the rules it
breaks, or the fact that an earlier record has its id. The same seed gives the same records.
"""
import json
import random
import uuid
from dataclasses import dataclass, field

COLUMNS = ("id", "first_name", "last_name", "gender", "address", "post_code", "email", "username", "registered_date", "phone",
           "picture")

GIVEN = {"female": ("Ada", "Mira", "Noor", "Zofia", "Ines", "Hyacinth", "Li\u0161ka", "\u0410\u043d\u043d\u0430", "\u5c0f\u5a77"),
         "male": ("Odin", "Tomasz", "Pavel", "Ravi", "Kofi", "Ol\u00e1f", "\u0411\u043e\u0440\u0438\u0441", "\u5065\u592a")}
FAMILY = ("Lindqvist", "O'Hara", "van der Berg", "Nakamura", "Mensah", "Quispe", "\u0141uczak", "Duarte-Reis", "Abara", "Holm")
STREETS = ("Harbour Row", "Tidemill Lane", "Quai du Nord", "Am Deich", "Calle Marea", "Rua da Barra", "\u6d77\u5cb8\u901a\u308a")
TOWNS = ("Ebbsfleet, Kent", "Roscoff, Bretagne", "Husum, Schleswig-Holstein", "Viveiro, Galicia", "Faro, Algarve", "\u9577\u5d0e")
COUNTRIES = ("United Kingdom", "France", "Germany", "Spain", "Portugal", "Japan")
THINGS = ("anchor", "buoy", "compass", "dinghy", "eddy", "fathom", "galley", "hawser")


@dataclass
class Signup:
    value: bytes
    key: bytes
    kind: str                       # for messages: what this record tries
    rules: tuple = ()               # broken ones, sorted
    row: dict = field(default=None)  # what must stand in the table if this one is the first of its id
    repeat: bool = False            # an accepted record with this id came before


def _text(value):
    return value if value is None or isinstance(value, str) else json.dumps(value)


class People:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.accepted = []  # (person, id as written)

    def pick(self, choices):
        return self.random.choice(choices)

    def person(self):
        gender = self.pick(("female", "male"))
        first, last = self.pick(GIVEN[gender]), self.pick(FAMILY)
        at = self.random.randrange(len(TOWNS))
        number = self.random.randrange(1, 999)
        return {
            "id": str(uuid.UUID(int=self.random.getrandbits(128), version=4)),
            "first_name": first, "last_name": last, "gender": gender,
            "address": f"{number} {self.pick(STREETS)}, {TOWNS[at]}, {COUNTRIES[at]}",
            "post_code": self.pick((self.random.randrange(1000, 99999), f"TD{number} 4X", f"{number:05d}")),
            "email": f"{self.pick(THINGS)}.{number}@mail.example",
            "username": f"{self.pick(THINGS)}{self.pick(THINGS)}{number}",
            "dob": f"19{self.random.randrange(50, 99)}-0{self.random.randrange(1, 9)}-11T08:15:00.000Z",
            "registered_date": f"20{self.random.randrange(10, 24)}-1{self.random.randrange(0, 2)}-2{self.random.randrange(0, 8)}T10:00:00.5Z",
            "phone": f"+{self.random.randrange(10**10, 10**11)}",
            "picture": f"https://pictures.example/{number}.jpg",
        }

    def made(self, person, kind, rules=(), text=None, repeat=False):
        text = json.dumps(person) if text is None else text
        value = text if isinstance(text, bytes) else text.encode()
        row = None
        if not rules:
            row = {c: _text(person.get(c)) for c in COLUMNS}
            if not repeat:
                self.accepted.append(person)
        key = person.get("id") if isinstance(person.get("id"), str) else ""
        return Signup(value, key.lower().encode(), kind, tuple(sorted(rules)), row, repeat)

    def good(self):
        return self.made(self.person(), "good")

    def odd(self):
        """Right, but not as the usual producer writes it."""
        p = self.person()
        kind = self.random.randrange(9)
        if kind == 0:
            p["id"] = p["id"].upper()
            return self.made(p, "capital id")
        if kind == 1:
            p[self.pick(("first_name", "last_name", "address", "post_code", "username", "phone", "picture"))] = None
            return self.made(p, "null in an optional field")
        if kind == 2:
            del p[self.pick(("first_name", "address", "post_code", "username", "dob", "phone", "picture"))]
            return self.made(p, "no optional field")
        if kind == 3:
            return self.made(p, "unknown fields", text=json.dumps({"v": 3, "extra": {"deep": [[1, None], {"id": "x"}]}, **p, "z": []}))
        if kind == 4:
            return self.made(p, "UTF-8, no spaces", text=json.dumps(p, ensure_ascii=False, separators=(",", ":")))
        if kind == 5:
            p["address"] = p["address"] * self.random.randrange(20, 60)
            return self.made(p, "long text")
        if kind == 6:
            p["last_name"] = 'a "quoted" \\ back\tslash\n and \U0001f30a'
            return self.made(p, "escapes")
        if kind == 7:
            return self.made(p, "fields in another order", text=json.dumps(dict(sorted(p.items(), reverse=True)), indent=1))
        p["post_code"] = self.pick((True, 12.5, 0, [1, 2], {"zip": "9"}))
        row = self.made(p, "JSON in the post code", text=json.dumps(p, separators=(",", ":")))
        row.row["post_code"] = json.dumps(p["post_code"], separators=(",", ":"))
        return row

    def _break(self, p, rule):
        if rule in ("id_present", "email_present", "date_present"):
            name = {"id_present": "id", "email_present": "email", "date_present": "registered_date"}[rule]
            if self.pick((True, False)):
                p[name] = None
            else:
                del p[name]
        elif rule == "id_uuid":
            i = p["id"]
            p["id"] = self.pick((i[:-2], i + "ab", i.replace("-", ""), "z" + i[1:], "<" + i + ">", "", i.replace("-", "_"), " " + i))
        elif rule == "email_shape":
            p["email"] = self.pick(("nobody", "a at b.example", "", "@mail.example", "buoy@harbour", "buoy.harbour@", 7))
        else:
            p["gender"] = self.pick(("Male", "unknown", "", "f", "female ", None, 0, ["male"]))

    def bad(self):
        p = self.person()
        if self.random.randrange(6) == 0:
            text = json.dumps(p)
            torn = self.pick((text[:self.random.randrange(1, len(text) - 1)], "[" + text + "]", "null", "17", '"text"', "", " ",
                              "{", text.replace('"', "'"), text[1:], b"\xff\xfe{}", b'{"id":"\xc3("}', text[:-1] + ",}"))
            return self.made({}, "no JSON object", ("json",), text=torn)
        rules = self.random.sample(("id_present", "email_shape", "gender_known", "date_present"), self.random.choice((1, 1, 2, 3, 4)))
        if self.pick((True, False)):
            rules = [{"id_present": "id_uuid", "email_shape": "email_present"}.get(r, r) for r in rules]
        for rule in rules:
            self._break(p, rule)
        return self.made(p, "breaks " + " and ".join(rules), tuple(rules))

    def repeat(self):
        """An id that came before: the same bytes, or other contents under it."""
        if not self.accepted:
            return self.good()
        p = dict(self.pick(self.accepted))
        if self.pick((True, False)):
            p.update({k: v for k, v in self.person().items() if k != "id"})
        return self.made(p, "repeated id", repeat=True)

    def corrected(self):
        """A rejected record and, later, its right version under the same id: the right one must arrive."""
        p = self.person()
        wrong = dict(p, gender="?")
        return [self.made(wrong, "to be corrected", ("gender_known",)), self.made(p, "corrected")]

    def crowd(self, count):
        out = []
        while len(out) < count:
            kind = self.random.random()
            if kind < 0.70:
                out.append(self.good())
            elif kind < 0.80:
                out.append(self.odd())
            elif kind < 0.90:
                out.append(self.bad())
            elif kind < 0.98:
                out.append(self.repeat())
            else:
                out.extend(self.corrected())
        return out


def rows_of(signups):
    """{id in small letters: row} that the table must hold: the first accepted record of an id wins."""
    rows = {}
    for s in signups:
        if s.row is not None:
            rows.setdefault(s.row["id"].lower(), s.row)
    return rows
