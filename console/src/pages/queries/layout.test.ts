// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import type { Plan } from "@/api/types";
import { layoutPlan, NODE } from "./layout";

const plan = (ids: string, ...edges: string[]): Plan => ({
  nodes: [...ids].map((id) => ({ id, label: id, detail: "" })),
  edges: edges.map((e) => ({ from: e[0]!, to: e[1]! })),
});
const at = (p: Plan) => Object.fromEntries(layoutPlan(p).nodes.map((n) => [n.id, n]));

describe("layoutPlan", () => {
  it("puts a chain from left to right on one line", () => {
    const { a, b, c } = at(plan("abc", "ab", "bc"));
    expect(a!.x < b!.x && b!.x < c!.x).toBe(true);
    expect(new Set([a!.y, b!.y, c!.y]).size).toBe(1);
  });

  it("puts a node behind all of its inputs", () => {
    const placed = at(plan("abcd", "ab", "bc", "cd", "ad"));
    expect(placed["d"]!.x).toBeGreaterThan(placed["c"]!.x);
  });

  it("never lets two nodes overlap", () => {
    const { nodes } = layoutPlan(plan("abcdef", "ab", "ac", "ad", "be", "ce", "df"));
    for (const m of nodes) {
      for (const n of nodes) {
        if (m.id === n.id) continue;
        const apart = Math.abs(m.x - n.x) >= NODE.width || Math.abs(m.y - n.y) >= NODE.height;
        expect(apart, `${m.id} and ${n.id}`).toBe(true);
      }
    }
  });

  it("fits everything into the size it reports", () => {
    const { nodes, width, height } = layoutPlan(plan("abcd", "ab", "ac", "ad"));
    for (const n of nodes) {
      expect(n.x + NODE.width).toBeLessThanOrEqual(width);
      expect(n.y + NODE.height).toBeLessThanOrEqual(height);
      expect(n.y).toBeGreaterThanOrEqual(0);
    }
  });

  it("survives an empty plan, loose edges and a cycle", () => {
    expect(layoutPlan({ nodes: [], edges: [] }).nodes).toEqual([]);
    expect(layoutPlan(plan("a", "az", "aa")).edges).toEqual([]);
    expect(layoutPlan(plan("ab", "ab", "ba")).nodes.length).toBe(2);
  });
});
