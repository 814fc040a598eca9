// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { score, search, type Target } from "./palette";

const target = (title: string): Target => ({ kind: "topic", title, href: `/topics/${title}` });
const titles = (query: string, ...names: string[]) =>
  search(query, names.map(target)).map((t) => t.title);

describe("palette search", () => {
  it("finds letters in order and nothing else", () => {
    expect(titles("ucr", "users_created", "orders")).toEqual(["users_created"]);
    expect(score("zz", "users")).toBeNull();
  });

  it("prefers starts of words, then runs, then short names", () => {
    expect(titles("or", "floor", "orders", "orders_by_region")).toEqual([
      "orders",
      "orders_by_region",
      "floor",
    ]);
  });

  it("shows the first ones for nothing typed, and never more than the limit", () => {
    expect(titles(" ", "a", "b")).toEqual(["a", "b"]);
    expect(
      search(
        "a",
        Array.from({ length: 99 }, (_, i) => target(`a${i}`)),
      ).length,
    ).toBe(12);
  });
});
