// SPDX-License-Identifier: Apache-2.0
// Collects the overview's numbers for as long as the tab is open, whichever page is shown.
import { useQueryClient } from "@tanstack/react-query";
import {
  createContext,
  useContext,
  useEffect,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from "react";
import { overview } from "@/api/queries";
import type { Overview } from "@/api/types";
import { useChannel, useConnection } from "./context";
import { History, type Series } from "./history";

export const WINDOW_SECONDS = 300;

/** Columns of the history, in this order. */
export const FIELDS = {
  in: (o: Overview) => o.records_in_per_second,
  out: (o: Overview) => o.records_out_per_second,
  rejected: (o: Overview) => o.rejected_per_second,
  p50: (o: Overview) => o.latency_ms.p50,
  p95: (o: Overview) => o.latency_ms.p95,
  p99: (o: Overview) => o.latency_ms.p99,
  lag: (o: Overview) => o.lag.reduce((sum, entry) => sum + entry.records, 0),
} as const;
export type Field = keyof typeof FIELDS;
const NAMES = Object.keys(FIELDS) as Field[];

const HistoryContext = createContext<History<Overview> | null>(null);

export function OverviewHistory({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const connection = useConnection();
  const [history] = useState(
    () => new History<Overview>(Object.values(FIELDS), WINDOW_SECONDS * 1000),
  );
  useChannel<Overview>(overview.channel, (data) => {
    history.push(data.time_ms, data);
    client.setQueryData(overview.queryKey, data);
  });
  useEffect(() => {
    if (connection === "reconnecting") history.gap(Date.now());
  }, [connection, history]);
  return <HistoryContext value={history}>{children}</HistoryContext>;
}

export interface NamedSeries {
  times: number[];
  column: (field: Field) => (number | null)[];
}

export function useOverviewSeries(): NamedSeries {
  const history = useContext(HistoryContext);
  if (!history) throw new Error("useOverviewSeries is used outside OverviewHistory");
  const series: Series = useSyncExternalStore(history.watch, history.read);
  return { times: series.times, column: (field) => series.columns[NAMES.indexOf(field)]! };
}
