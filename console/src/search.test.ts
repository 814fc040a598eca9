// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { deadLetters, parse, startPosition, stringify, table, topic } from "./search";

describe("search in the URL", () => {
  it("reads and writes plain text, so that links can be typed", () => {
    expect(stringify({ from: "time:17", contains: "a b&c", live: true, page: undefined })).toBe(
      "?from=time:17&contains=a+b%26c&live=true",
    );
    expect(parse("?from=time:17&contains=a+b%26c&live=true")).toEqual({
      from: "time:17",
      contains: "a b&c",
      live: "true",
    });
  });

  it("keeps a filter that looks like a number a text", () => {
    expect(topic(parse("?contains=0042")).contains).toBe("0042");
  });

  it("survives its own round trip", () => {
    const state = topic({ partition: "2", from: "18", record: "2:19", limit: "250", live: "true" });
    expect(topic(parse(stringify({ ...state })))).toEqual(state);
    expect(state).toMatchObject({
      partition: 2,
      from: "18",
      record: "2:19",
      limit: 250,
      live: true,
    });
  });

  it.each(["latest", "earliest", "0", "123456789", "time:1764000000000"])(
    "knows the start %s",
    (from) => expect(startPosition(from)).toBe(from),
  );

  it.each(["-1", "1.5", "yesterday", "time:", "time:x", "", "latest "])(
    "drops the start %j",
    (from) => expect(startPosition(from)).toBeUndefined(),
  );

  it("drops what makes no sense instead of failing", () => {
    expect(topic({ partition: "-3", tab: "nope", limit: "7", record: "x" })).toEqual({
      tab: undefined,
      partition: undefined,
      from: undefined,
      limit: undefined,
      contains: undefined,
      live: undefined,
      record: undefined,
    });
    expect(table({ limit: "100000" }).limit).toBeUndefined();
    expect(deadLetters({ rule: "" }).rule).toBeUndefined();
  });
});
