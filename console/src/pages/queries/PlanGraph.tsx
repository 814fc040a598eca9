// SPDX-License-Identifier: Apache-2.0
import { useMemo } from "react";
import type { Plan } from "@/api/types";
import { Empty } from "@/ui/Notice";
import { layoutPlan, NODE } from "./layout";

export function PlanGraph({ plan }: { plan: Plan }) {
  const { nodes, edges, width, height } = useMemo(() => layoutPlan(plan), [plan]);
  if (nodes.length === 0) return <Empty title="This query has no plan yet" />;
  return (
    <div
      tabIndex={0}
      role="region"
      aria-label="Plan, scrolls sideways"
      className="overflow-x-auto rounded-md p-1"
    >
      <div className="relative" style={{ width, height }}>
        <svg
          aria-hidden
          width={width}
          height={height}
          className="absolute inset-0 text-line-strong"
        >
          <defs>
            <marker
              id="arrow"
              viewBox="0 0 8 8"
              refX="2"
              refY="4"
              markerWidth="7"
              markerHeight="7"
              orient="auto"
            >
              <path d="M0,0 L8,4 L0,8 z" fill="currentColor" />
            </marker>
          </defs>
          {edges.map((edge) => (
            <path
              key={edge.id}
              d={edge.path}
              fill="none"
              stroke="currentColor"
              strokeWidth="1.5"
              markerEnd="url(#arrow)"
            />
          ))}
        </svg>
        <ol aria-label="Operators">
          {nodes.map((node) => (
            <li
              key={node.id}
              title={node.detail}
              style={{ left: node.x, top: node.y, width: NODE.width, height: NODE.height }}
              className="absolute flex flex-col justify-center rounded-md border border-line-strong bg-surface px-3"
            >
              <span className="truncate text-sm font-semibold">{node.label}</span>
              <span className="line-clamp-2 text-xs leading-4 wrap-anywhere text-ink-3">
                {node.detail}
              </span>
            </li>
          ))}
        </ol>
      </div>
    </div>
  );
}
