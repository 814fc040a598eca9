// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { tokensToText } from "./json";
import { sqlTokens } from "./sql";

describe("sqlTokens", () => {
  it.each(["", "SELECT 'it''s' -- why\nFROM t", "a /* open", "'open", "x := 1.5; \u20ac"])(
    "loses nothing of %j",
    (text) => expect(tokensToText(sqlTokens(text))).toBe(text),
  );

  it("knows words in any case, and leaves names alone", () => {
    const kinds = Object.fromEntries(
      sqlTokens("select Name FROM users").map((t) => [t.text, t.kind]),
    );
    expect(kinds).toMatchObject({ select: "word", FROM: "word", Name: "text", users: "text" });
  });

  it("does not look for words inside quotes and comments", () => {
    expect(sqlTokens("'select'")).toEqual([{ kind: "string", text: "'select'" }]);
    expect(sqlTokens("-- from")).toEqual([{ kind: "comment", text: "-- from" }]);
  });
});
