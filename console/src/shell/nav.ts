// SPDX-License-Identifier: Apache-2.0
import {
  Activity,
  CircleX,
  Gauge,
  Layers,
  SquareTerminal,
  Table2,
  UsersRound,
  type LucideIcon,
} from "lucide-react";

export interface NavEntry {
  to: "/" | "/topics" | "/queries" | "/tables" | "/dead-letters" | "/groups" | "/sql";
  title: string;
  icon: LucideIcon;
  /** Second key after "g". */
  key: string;
}

export const NAV: readonly NavEntry[] = [
  { to: "/", title: "Overview", icon: Gauge, key: "o" },
  { to: "/topics", title: "Topics", icon: Layers, key: "t" },
  { to: "/queries", title: "Queries", icon: Activity, key: "q" },
  { to: "/tables", title: "Tables", icon: Table2, key: "b" },
  { to: "/dead-letters", title: "Dead letters", icon: CircleX, key: "d" },
  { to: "/groups", title: "Groups", icon: UsersRound, key: "u" },
  { to: "/sql", title: "SQL and CQL", icon: SquareTerminal, key: "s" },
];
