// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it, vi } from "vitest";
import { History } from "./history";

const history = (windowMs = 10_000) =>
  new History<{ a: number; b: number }>([(v) => v.a, (v) => v.b], windowMs);

describe("History", () => {
  it("keeps one column per field", () => {
    const h = history();
    h.push(1000, { a: 1, b: 10 });
    h.push(2000, { a: 2, b: 20 });
    expect(h.read()).toEqual({
      times: [1, 2],
      columns: [
        [1, 2],
        [10, 20],
      ],
    });
  });

  it("forgets what is older than the window", () => {
    const h = history(3000);
    for (let t = 1; t <= 6; t++) h.push(t * 1000, { a: t, b: t });
    expect(h.read().times).toEqual([3, 4, 5, 6]);
    expect(h.read().columns[1]).toEqual([3, 4, 5, 6]);
  });

  it("drops a state it already has", () => {
    const h = history();
    h.push(2000, { a: 1, b: 1 });
    h.push(2000, { a: 9, b: 9 });
    h.push(1000, { a: 9, b: 9 });
    expect(h.read().columns[0]).toEqual([1]);
  });

  it("marks a gap once", () => {
    const h = history();
    h.gap(500);
    h.push(1000, { a: 1, b: 1 });
    h.gap(2000);
    h.gap(3000);
    h.push(4000, { a: 4, b: 4 });
    expect(h.read().columns[0]).toEqual([1, null, 4]);
  });

  it("gives the same object until something changes", () => {
    const h = history();
    h.push(1000, { a: 1, b: 1 });
    const before = h.read();
    h.push(1000, { a: 1, b: 1 });
    expect(h.read()).toBe(before);
    h.push(2000, { a: 1, b: 1 });
    expect(h.read()).not.toBe(before);
  });

  it("tells its watchers until they leave", () => {
    const h = history();
    const watcher = vi.fn();
    const stop = h.watch(watcher);
    h.push(1000, { a: 1, b: 1 });
    stop();
    h.push(2000, { a: 1, b: 1 });
    expect(watcher).toHaveBeenCalledTimes(1);
  });
});
