// SPDX-License-Identifier: Apache-2.0
import * as api from "@/api/queries";
import { useLiveQuery } from "@/live/context";
import { useOverviewSeries } from "@/live/overview_history";
import { Empty, Loaded } from "@/ui/Notice";
import { PageHeader } from "@/ui/Panel";
import { OverviewView } from "./OverviewView";

export function OverviewPage() {
  const overview = useLiveQuery(api.overview);
  const series = useOverviewSeries();
  return (
    <>
      <PageHeader title="Overview" />
      <Loaded
        query={overview}
        isEmpty={(o) => o.topics.count === 0 && o.queries.length === 0 && o.tables.count === 0}
        empty={
          <Empty title="Nothing is flowing yet" command="tidemill up examples/users">
            This instance has no topics, queries or tables. Start the example pipeline and watch
            this page move, or create a topic of your own.
          </Empty>
        }
      >
        {(data) => <OverviewView overview={data} series={series} />}
      </Loaded>
    </>
  );
}
