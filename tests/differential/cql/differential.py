# SPDX-License-Identifier: Apache-2.0
"""The same random statements on Tidemill and on a real Apache Cassandra 5; every answer and every refusal must be the same."""
import argparse
import os
import random
import re
import sys
import time

sys.path.insert(0, os.environ["TIDEMILL_MODULES"])

from cassandra_peer import VERSION, Cassandra
from instance import Instance

from sides import Side
from statements import Case


# What Cassandra 5.0.9 answers to a read that it should have answered with rows: a paging state of its own that it refuses
# (GROUP BY at an empty key), an internal failure (GROUP BY with LIMIT over pages), times of a user type that the driver
# cannot decode. There is nothing to compare with.
OWN_FAULTS = {"000a", "1300", "DriverException"}
compare_texts = False


def differ(answers):
    ours, theirs = answers
    if theirs[0] == "error" and theirs[1] in OWN_FAULTS and ours[0] == "rows":
        return False
    if ours[0] == theirs[0] == "error" and not compare_texts:
        # Which of two wrong things is named first follows the order of checks, which Cassandra changes between versions.
        return ours[1] != theirs[1]
    return ours != theirs


def first_difference(sides, steps, table):
    """(index of the step, answers) of the first step that the sides answer differently; None if there is none."""
    for i, step in enumerate(steps):
        answers = [side.run(step, table) for side in sides]
        if differ(answers):
            return i, answers
    return None


class Tables:
    """Names of tables that nobody used before."""

    def __init__(self):
        self.count = 0

    def fresh(self):
        self.count += 1
        return f"t{self.count:06d}"


def shortest(sides, steps, index, tables, kind):
    """Drops statements as long as the last one still differs in the same way."""
    steps = steps[:index + 1]
    width = max(1, len(steps) // 2)
    while width >= 1:
        at = 1  # the table itself stays
        while at < len(steps) - 1:
            fewer = steps[:at] + steps[min(at + width, len(steps) - 1):]
            found = first_difference(sides, fewer, tables.fresh())
            if found and found[0] == len(fewer) - 1 and kind_of(found[1]) == kind:
                steps = fewer
            else:
                at += width
        width //= 2
    return steps


def survey(sides, steps, table, seen, seed):
    """Tells the first difference of each kind; returns how many statements were compared."""
    for i, step in enumerate(steps):
        answers = [side.run(step, table) for side in sides]
        if not differ(answers):
            continue
        key = tuple(" ".join(re.sub(r"'[^']*'|0x[0-9a-f]*|[0-9][0-9.]*|\\b[pcsv][0-9]\\b", "_", str(part)) for part in a[1:])
                    if a[0] == "error" else a[0] for a in answers)
        if key not in seen:
            seen[key] = 0
            print(f"--seed={seed} statement {i}\n    {steps[0][0]};\n    {step[0]};" + (f"  -- pages of {step[1]}" if step[1] else ""))
            for side, answer in zip(sides, answers):
                print(f"  {side.name:9} {str(answer)[:600]}", flush=True)
        seen[key] += 1
        if not step[0].startswith("SELECT") and not answers[0][0] == answers[1][0] == "error":
            return i  # the tables are no longer the same
    return len(steps)


def kind_of(answers):
    return tuple(a[:2] if a[0] == "error" else a[:1] for a in answers)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, help="the first round's seed; each further round takes the next")
    options.add_argument("--rounds", type=int, default=0, help="end after so many rounds (default: when the time is over)")
    options.add_argument("--seconds", type=float, default=90, help="end after so many seconds (default 90)")
    options.add_argument("--length", type=int, default=100, help="statements of one round")
    options.add_argument("--failures", type=int, default=5, help="end after so many rounds with a difference")
    options.add_argument("--survey", action="store_true", help="go on after differences, tell one of each kind, do not shrink")
    options.add_argument("--texts", action="store_true", help="compare the texts of refusals too, not only their codes")
    options.add_argument("--no-shrink", action="store_true", help="tell only the first difference of a round")
    chosen = options.parse_args()
    global compare_texts
    compare_texts = chosen.texts
    seed = chosen.seed if chosen.seed is not None else random.SystemRandom().randrange(10 ** 6)
    print(f"seed {seed}", flush=True)

    tidemill = Instance(only="tables").start()

    def restart():
        tidemill.kill()
        tidemill.start()

    def revive():
        if not tidemill.alive():
            print(f"Tidemill ended with status {tidemill.process.returncode}:\n{tidemill.log()[-2000:]}", flush=True)
            tidemill.start()

    original = Cassandra().start()
    print(f"Cassandra {VERSION} ready after {original.ready_seconds:.1f} s", flush=True)
    sides = [Side("tidemill", lambda: tidemill.ports["tables"], restart, revive).connect(), Side("cassandra", lambda: original.port).connect()]

    begin, rounds, failed, statements, tables, seen = time.monotonic(), 0, 0, 0, Tables(), {}
    while (not chosen.rounds or rounds < chosen.rounds) and (chosen.rounds or time.monotonic() - begin < chosen.seconds):
        steps = Case(random.Random(seed + rounds), chosen.length).steps
        table = tables.fresh()
        if chosen.survey:
            statements += survey(sides, steps, table, seen, seed + rounds)
            rounds += 1
            continue
        found = first_difference(sides, steps, table)
        statements += len(steps) if not found else found[0]
        if found:
            failed += 1
            index, answers = found
            shown = [steps[0], steps[index]] if chosen.no_shrink else shortest(sides, steps, index, tables, kind_of(answers))
            if not chosen.no_shrink:
                again = first_difference(sides, shown, tables.fresh())
                answers = again[1] if again else answers
            print(f"FAIL round --seed={seed + rounds} --rounds=1: statement {index} of {len(steps)}")
            for text, page in shown:
                print(f"    {text};" + (f"   -- pages of {page}" if page else ""))
            for side, answer in zip(sides, answers):
                print(f"  {side.name:9} {answer}", flush=True)
        for side in sides:
            side.session.execute(f"DROP TABLE IF EXISTS {table}")
        rounds += 1
        if failed >= chosen.failures:
            break
    seconds = time.monotonic() - begin
    failed += len(seen)
    print(f"{statements} statements in {rounds} rounds, {seconds:.0f} s")
    print(f"{max(0, rounds - failed)} passed, {failed} failed", flush=True)
    for side in sides:
        side.session.cluster.shutdown()
    tidemill.kill()
    original.stop()
    sys.exit(0 if rounds and not failed else 1)


main()
