// SPDX-License-Identifier: Apache-2.0
// Places the nodes of a plan in layers from left to right and draws the edges between them.
import type { Plan } from "@/api/types";

export const NODE = { width: 160, height: 68 };
const GAP = { x: 30, y: 22 };

export interface PlacedNode {
  id: string;
  label: string;
  detail: string;
  x: number;
  y: number;
}

export interface PlanLayout {
  nodes: PlacedNode[];
  edges: { id: string; path: string }[];
  width: number;
  height: number;
}

/** Longest way from a source. A cycle (which a plan has not) would stop at the number of nodes. */
function layersOf(ids: string[], edges: [string, string][]): Map<string, number> {
  const layer = new Map(ids.map((id) => [id, 0]));
  for (let round = 0; round < ids.length; round++) {
    let moved = false;
    for (const [from, to] of edges) {
      const wanted = layer.get(from)! + 1;
      if (wanted > layer.get(to)! && wanted < ids.length) {
        layer.set(to, wanted);
        moved = true;
      }
    }
    if (!moved) break;
  }
  return layer;
}

/** Orders a layer by the middle of its predecessors, so that edges cross little. */
function orderLayer(ids: string[], edges: [string, string][], rank: Map<string, number>): string[] {
  const middle = new Map(
    ids.map((id, i) => {
      const before = edges.filter(([, to]) => to === id).map(([from]) => rank.get(from) ?? 0);
      return [id, before.length ? before.reduce((a, b) => a + b) / before.length : i] as const;
    }),
  );
  return [...ids].sort((a, b) => middle.get(a)! - middle.get(b)!);
}

export function layoutPlan(plan: Plan): PlanLayout {
  const ids = plan.nodes.map((node) => String(node.id));
  const known = new Set(ids);
  const edges = plan.edges
    .map(({ from, to }): [string, string] => [String(from), String(to)])
    .filter(([from, to]) => known.has(from) && known.has(to) && from !== to);
  const layerOf = layersOf(ids, edges);
  const layers: string[][] = [];
  for (const id of ids) (layers[layerOf.get(id)!] ??= []).push(id);

  const rank = new Map<string, number>();
  const place = new Map<string, { x: number; y: number }>();
  const tallest = Math.max(1, ...layers.map((layer) => layer?.length ?? 0));
  const height = tallest * (NODE.height + GAP.y) - GAP.y;
  layers.forEach((layer, column) => {
    const ordered = orderLayer(layer, edges, rank);
    const own = ordered.length * (NODE.height + GAP.y) - GAP.y;
    ordered.forEach((id, row) => {
      rank.set(id, row);
      place.set(id, {
        x: column * (NODE.width + GAP.x),
        y: (height - own) / 2 + row * (NODE.height + GAP.y),
      });
    });
  });

  return {
    nodes: plan.nodes.map((node) => ({
      id: String(node.id),
      label: node.label,
      detail: node.detail,
      ...place.get(String(node.id))!,
    })),
    edges: edges.map(([from, to]) => ({
      id: `${from}>${to}`,
      path: edgePath(place.get(from)!, place.get(to)!),
    })),
    width: Math.max(1, layers.length) * (NODE.width + GAP.x) - GAP.x,
    height,
  };
}

function edgePath(from: { x: number; y: number }, to: { x: number; y: number }): string {
  const [x1, y1] = [from.x + NODE.width, from.y + NODE.height / 2];
  const [x2, y2] = [to.x - 6, to.y + NODE.height / 2];
  const bend = Math.max(14, (x2 - x1) / 2);
  return `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`;
}
