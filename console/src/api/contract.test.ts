// SPDX-License-Identifier: Apache-2.0
// Keeps api/types.ts and docs/dev/api.md from drifting apart: every field of the contract's type block must be in the
// interface of the same name. (It reads text, so it proves names and not types.)
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";

const contract = readFileSync(resolve(import.meta.dirname, "../../../docs/dev/api.md"), "utf8");
const types = readFileSync(resolve(import.meta.dirname, "types.ts"), "utf8");

/** Entries of the first fenced block after "## Types": a name at column 0, then its braces over several lines. */
function contractTypes(): Map<string, string> {
  const block = /## Types\s+```\n([\s\S]*?)```/.exec(contract)?.[1] ?? "";
  const entries = new Map<string, string>();
  let name = "";
  for (const line of block.split("\n")) {
    const start = /^([A-Z]\w+)\s+(.*)$/.exec(line);
    if (start) name = start[1]!;
    if (name) entries.set(name, `${entries.get(name) ?? ""} ${start ? start[2] : line.trim()}`);
  }
  return entries;
}

function fieldsOf(text: string): string[] {
  return (
    text
      .replace(/"[^"]*"/g, " ")
      .replace(/\.\.\.\w+/g, " ")
      .replace(/<\w+>/g, " ")
      .replace(/: *(\[\w+\]|[A-Z]\w+|offset|count)/g, " ")
      .replace(
        /\bor null\b|\bSpark's\b|\band ours\b|\(ISO 8601\)|\[name\]|\[\[(?:text|value)\b|StreamingQueryProgress/g,
        " ",
      )
      .match(/[a-z]\w*/g) ?? []
  );
}

function interfaceBody(name: string): string {
  const from = types.search(new RegExp(`export (interface|type) ${name}_?\\b`));
  return from < 0 ? "" : types.slice(from, types.indexOf("\n}\n", from));
}

describe("types.ts", () => {
  const entries = contractTypes();

  it("finds the contract's types", () => {
    expect(entries.size).toBeGreaterThanOrEqual(14);
  });

  for (const [name, text] of entries) {
    if (name === "Bytes") continue;
    it(`has every field of ${name}`, () => {
      const body = [name === "Record" ? "Record_" : name, "Column", "Plan", "NewestRows"]
        .map(interfaceBody)
        .join();
      const missing = fieldsOf(text).filter((field) => !new RegExp(`\\b${field}\\b`).test(body));
      expect(missing).toEqual([]);
    });
  }
});
