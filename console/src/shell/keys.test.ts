// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";
import { KeyReader, type Shortcut } from "./keys";

const shortcut = (keys: string): Shortcut => ({ keys, title: keys, run: () => {} });
const all = ["g o", "g t", "?", "o", "mod+k"].map(shortcut);
let reader: KeyReader;
let now: number;

function press(key: string, init: KeyboardEventInit = {}, target: Element = document.body) {
  let found: Shortcut | null = null;
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init });
  Object.defineProperty(event, "timeStamp", { value: now });
  const listener = (e: Event) => {
    found = reader.read(e as KeyboardEvent, all);
  };
  document.addEventListener("keydown", listener);
  target.dispatchEvent(event);
  document.removeEventListener("keydown", listener);
  return (found as Shortcut | null)?.keys ?? null;
}

beforeEach(() => {
  reader = new KeyReader();
  now = 1000;
  document.body.innerHTML = "<input id=a><input id=b type=checkbox><textarea id=c></textarea>";
});

describe("KeyReader", () => {
  it("finds a sequence", () => {
    expect([press("g"), press("t")]).toEqual([null, "g t"]);
  });

  it("finds a single key, also one that ends a sequence", () => {
    expect(press("?")).toBe("?");
    expect(press("o")).toBe("o");
    press("g");
    expect(press("o")).toBe("g o");
  });

  it("forgets the first key after a while", () => {
    press("g");
    now += 1500;
    expect(press("t")).toBeNull();
  });

  it("forgets the first key after a wrong second one", () => {
    press("g");
    press("x");
    expect(press("t")).toBeNull();
  });

  it("is silent in text fields, but not on checkboxes", () => {
    expect(press("?", {}, document.querySelector("#a")!)).toBeNull();
    expect(press("?", {}, document.querySelector("#c")!)).toBeNull();
    expect(press("?", {}, document.querySelector("#b")!)).toBe("?");
  });

  it("takes Ctrl and Command alike, also in text fields", () => {
    expect(press("k", { ctrlKey: true })).toBe("mod+k");
    expect(press("K", { metaKey: true }, document.querySelector("#a")!)).toBe("mod+k");
  });

  it("leaves the browser's own combinations alone", () => {
    expect(press("o", { ctrlKey: true })).toBeNull();
    expect(press("o", { altKey: true })).toBeNull();
  });
});
