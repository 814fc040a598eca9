// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";
import { applyStoredTheme, setTheme } from "./theme";

const root = document.documentElement;

beforeEach(() => {
  localStorage.clear();
  applyStoredTheme();
});

describe("theme", () => {
  it("follows the system until somebody chooses", () => {
    expect(root.dataset["theme"]).toBeUndefined();
  });

  it("remembers a choice over a reload", () => {
    setTheme("dark");
    delete root.dataset["theme"];
    applyStoredTheme();
    expect(root.dataset["theme"]).toBe("dark");
  });

  it("goes back to the system and forgets", () => {
    setTheme("light");
    setTheme("system");
    expect(root.dataset["theme"]).toBeUndefined();
    expect(localStorage.getItem("tidemill.theme")).toBeNull();
  });

  it("does not believe a stored value that is none", () => {
    localStorage.setItem("tidemill.theme", "purple");
    applyStoredTheme();
    expect(root.dataset["theme"]).toBeUndefined();
  });
});
