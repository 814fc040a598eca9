// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { formatAgo, formatLocal, formatUtc, fromInputValue, toInputValue } from "./time";

// The suite runs with TZ=Europe/Berlin.
const winter = Date.UTC(2026, 0, 5, 23, 4, 9, 7);
const summer = Date.UTC(2026, 6, 5, 22, 4, 9, 70);

describe("times", () => {
  it("shows local time, with the day and hour of the reader's zone", () => {
    expect(formatLocal(winter)).toBe("2026-01-06 00:04:09.007");
    expect(formatLocal(summer)).toBe("2026-07-06 00:04:09.070");
  });

  it("shows UTC for the hover text", () => {
    expect(formatUtc(winter)).toBe("2026-01-05 23:04:09.007 UTC");
  });

  it("does not throw on a time that is none", () => {
    expect(formatLocal(Number.NaN)).toBe("\u2013");
    expect(formatUtc(8.64e15 + 1)).toBe("\u2013");
  });

  it.each([
    [-500, "now"],
    [1_500, "now"],
    [59_000, "59 s ago"],
    [119_000, "1 min ago"],
    [7_200_000, "2 h ago"],
    [200_000_000, "2 d ago"],
    [-120_000, "in the future"],
  ])("says how long ago %d ms is", (ago, text) => expect(formatAgo(1e12 - ago, 1e12)).toBe(text));

  it("goes through the input field and back", () => {
    const ms = Date.UTC(2026, 6, 5, 22, 4, 9);
    expect(toInputValue(ms)).toBe("2026-07-06T00:04:09");
    expect(fromInputValue(toInputValue(ms))).toBe(ms);
    expect(fromInputValue("")).toBeNull();
    expect(fromInputValue("nonsense")).toBeNull();
  });
});
