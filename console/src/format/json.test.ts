// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { prettyJson, tokensToText } from "./json";

const pretty = (text: string) => {
  const tokens = prettyJson(text);
  return tokens && tokensToText(tokens);
};

describe("prettyJson", () => {
  it("indents objects and arrays", () => {
    expect(pretty('{"a":1,"b":[true,null],"c":{}}')).toBe(
      '{\n  "a": 1,\n  "b": [\n    true,\n    null\n  ],\n  "c": {}\n}',
    );
  });

  it("keeps numbers digit by digit", () => {
    expect(pretty('{"id":9223372036854775807,"x":1.10,"y":1E+2}')).toContain("9223372036854775807");
    expect(pretty("1.10")).toBe("1.10");
  });

  it("keeps doubled keys and escapes as written", () => {
    expect(pretty('{"a":"\\u00e4","a":2}')).toBe('{\n  "a": "\\u00e4",\n  "a": 2\n}');
  });

  it("separates items that look like an opening bracket", () => {
    expect(pretty('["[",1]')).toBe('[\n  "[",\n  1\n]');
    expect(pretty("[[1],[2]]")).toBe("[\n  [\n    1\n  ],\n  [\n    2\n  ]\n]");
  });

  it.each([
    "",
    "  ",
    "hello",
    "{",
    '{"a"}',
    '{"a":}',
    "[1,]",
    "[1 2]",
    '{"a":1}}',
    "01",
    '"\n"',
    "1 x",
  ])("says that %j is not JSON", (text) => expect(pretty(text)).toBeNull());

  it("tells keys from strings for the colours", () => {
    expect(prettyJson('{"k":"v"}')?.map((t) => t.kind)).toEqual([
      "mark",
      "space",
      "key",
      "mark",
      "string",
      "space",
      "mark",
    ]);
  });

  it("gives up on absurd depth instead of overflowing", () => {
    expect(pretty("[".repeat(10_000) + "]".repeat(10_000))).toBeNull();
  });

  it("formats a value of a megabyte in reasonable time", () => {
    const big = `[${Array.from({ length: 20_000 }, (_, i) => `{"id":${i},"name":"user ${i}"}`).join(",")}]`;
    expect(pretty(big)?.length).toBeGreaterThan(big.length);
  });
});
