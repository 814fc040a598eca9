// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import type { DeadLetter, Source } from "@/api/types";
import { filterOptions } from "./letters";

const source = (name: string, ...rules: string[]) =>
  ({ name, constraints: rules.map((r) => ({ name: r, check: "" })) }) as Source;
const letter = (from: string, ...rules: string[]) => ({ source: from, rules }) as DeadLetter;

describe("filterOptions", () => {
  it("offers declared rules and those only a decoder has", () => {
    expect(
      filterOptions([letter("a", "malformed_json")], [source("a", "email")], undefined),
    ).toEqual({
      sources: ["a"],
      rules: ["email", "malformed_json"],
    });
  });

  it("offers the rules of the chosen source, but every source", () => {
    const options = filterOptions([], [source("b", "x"), source("a", "y")], "a");
    expect(options).toEqual({ sources: ["a", "b"], rules: ["y"] });
  });

  it("knows a source that was dropped but still has dead letters", () => {
    expect(filterOptions([letter("gone", "x")], [], undefined).sources).toEqual(["gone"]);
  });
});
