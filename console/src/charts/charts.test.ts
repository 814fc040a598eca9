// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { niceMax } from "./options";
import { stack } from "./stack";

describe("niceMax", () => {
  it.each([
    [[0, null], 1],
    [[97], 150],
    [[95], 100],
    [[0.03], 0.04],
    [[1.02e6], 1.5e6],
    [[9.9], 15],
  ])("puts the top of the axis for %j at %d", (values, top) =>
    expect(niceMax([values])).toBeCloseTo(top),
  );
});

describe("stack", () => {
  it("adds each column to those below", () => {
    expect(
      stack([
        [1, 2],
        [10, 20],
        [100, 200],
      ]),
    ).toEqual([
      [1, 2],
      [11, 22],
      [111, 222],
    ]);
  });

  it("treats a missing part as nothing and a missing whole as a gap", () => {
    expect(
      stack([
        [null, 2, null],
        [10, null, null],
      ]),
    ).toEqual([
      [null, 2, null],
      [10, 2, null],
    ]);
  });
});
