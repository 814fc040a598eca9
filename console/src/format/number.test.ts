// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import {
  formatBytes,
  formatCount,
  formatMs,
  formatPercent,
  formatRate,
  formatSpan,
  plural,
} from "./number";

const plain = (text: string) => text.replaceAll("\u202f", " ");

describe("formatCount", () => {
  it.each([
    [0, "0"],
    [12_345, "12,345"],
    [99_999, "99,999"],
    [123_456, "123 k"],
    [999_600, "1.00 M"],
    [1_234_567, "1.23 M"],
    [45_600_000, "45.6 M"],
    [7_890_000_000, "7.89 B"],
    [-250_000, "-250 k"],
  ])("writes %d as %s", (value, text) => expect(plain(formatCount(value))).toBe(text));

  it("writes a dash for what is not known", () => {
    expect(formatCount(null)).toBe("\u2013");
    expect(formatCount(Number.NaN)).toBe("\u2013");
  });
});

describe("formatRate", () => {
  it.each([
    [0, "0 /s"],
    [0.25, "0.3 /s"],
    [3, "3 /s"],
    [12.4, "12 /s"],
    [210_000, "210 k /s"],
  ])("writes %d as %s", (value, text) => expect(plain(formatRate(value))).toBe(text));
});

describe("formatBytes", () => {
  it.each([
    [0, "0 B"],
    [1023, "1,023 B"],
    [1024, "1.00 KiB"],
    [1_048_575, "1.00 MiB"],
    [157_286_400, "150 MiB"],
    [5e15, "4.44 PiB"],
  ])("writes %d as %s", (value, text) => expect(plain(formatBytes(value))).toBe(text));
});

describe("formatMs", () => {
  it.each([
    [0, "0 ms"],
    [0.42, "0.4 ms"],
    [12.6, "13 ms"],
    [999.4, "999 ms"],
    [999.6, "1.00 s"],
    [12_340, "12.3 s"],
    [125_000, "2 min 5 s"],
  ])("writes %d as %s", (value, text) => expect(plain(formatMs(value))).toBe(text));
});

describe("formatSpan", () => {
  it.each([
    [-1, "unlimited"],
    [0, "0 s"],
    [604_800_000, "7 d"],
    [97_200_000, "1 d 3 h"],
    [3_661_000, "1 h 1 min"],
  ])("writes %d as %s", (value, text) => expect(plain(formatSpan(value))).toBe(text));
});

it("writes percent and plural", () => {
  expect(plain(formatPercent(3.14))).toBe("3.1 %");
  expect(plain(formatPercent(73.6))).toBe("74 %");
  expect(plural(1, "record")).toBe("1 record");
  expect(plural(2, "entry", "entries")).toBe("2 entries");
});
