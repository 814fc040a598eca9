// SPDX-License-Identifier: Apache-2.0
import { getRouteApi } from "@tanstack/react-router";
import type { TopicDetail } from "@/api/types";
import { formatExact, plural } from "@/format/number";
import type { TopicSearch } from "@/search";
import { Button } from "@/ui/Button";
import { Empty, Failure, Loading } from "@/ui/Notice";
import { MessageList } from "./MessageList";
import { MessageToolbar } from "./MessageToolbar";
import { recordKey } from "./paging";
import { RecordSheet } from "./RecordSheet";
import { TailBar } from "./TailBar";
import { useMessages, useRecord, useTail } from "./useMessages";

const route = getRouteApi("/topics/$topic");

export function Messages({ topic }: { topic: TopicDetail }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set = (change: TopicSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });

  const live = search.live ?? false;
  const narrow = { partition: search.partition, contains: search.contains };
  const from = search.from ?? "latest";
  const pages = useMessages(topic, { ...narrow, from, limit: search.limit ?? 100 }, !live);
  const tail = useTail(topic.name, narrow, live);
  const records = live ? tail.shown : pages.records;
  const opened = useRecord(topic.name, search.record, records);
  const at = records.findIndex((record) => recordKey(record) === search.record);
  const open = (index: number) => records[index] && set({ record: recordKey(records[index]) });

  return (
    <section aria-label="Messages" className="rounded-lg border border-line bg-surface">
      <MessageToolbar search={search} partitions={topic.partition_list} onChange={set} />
      {live && <TailBar tail={tail} />}
      <Body
        topic={topic}
        search={search}
        live={live}
        pages={pages}
        count={records.length}
        list={
          <MessageList
            // A changed filter starts at the top again.
            key={JSON.stringify([narrow, from, live])}
            records={records}
            selected={search.record}
            markNew={live}
            onOpen={(record) => set({ record: recordKey(record) })}
          />
        }
      />
      <RecordSheet
        topic={topic.name}
        at={search.record}
        record={opened.record}
        error={opened.error}
        onClose={() => set({ record: undefined })}
        onPrevious={at > 0 ? () => open(at - 1) : undefined}
        onNext={at >= 0 && at < records.length - 1 ? () => open(at + 1) : undefined}
      />
    </section>
  );
}

interface BodyProps {
  topic: TopicDetail;
  search: TopicSearch;
  live: boolean;
  pages: ReturnType<typeof useMessages>;
  count: number;
  list: React.ReactNode;
}

function Body({ topic, search, live, pages, count, list }: BodyProps) {
  if (!live && pages.loading && !pages.error) return <Loading rows={8} label="Loading messages" />;
  if (!live && pages.error && count === 0) {
    return <Failure error={pages.error} retry={pages.reload} />;
  }
  const latest = (search.from ?? "latest") === "latest";
  const more = !live && pages.hasMore && (
    <Button busy={pages.fetching} onClick={pages.loadMore}>
      {search.contains
        ? latest
          ? "Search older"
          : "Search on"
        : latest
          ? "Load older"
          : "Load more"}
    </Button>
  );
  const newer = !live && pages.newer > 0 && (
    <button
      type="button"
      onClick={pages.reload}
      className="num w-full border-b border-line bg-accent-soft py-1.5 text-center text-xs font-medium text-accent -outline-offset-2 hover:underline"
    >
      Show {plural(pages.newer, "newer record")}
    </button>
  );
  if (count === 0) {
    return (
      <div className="pb-10 text-center">
        {newer}
        <NoMessages topic={topic} search={search} scanned={pages.scanned} />
        {more}
      </div>
    );
  }
  return (
    <>
      {newer}
      {list}
      {!live && (
        <footer className="num flex flex-wrap items-center gap-3 border-t border-line px-4 py-2 text-xs text-ink-3">
          <span role="status">
            {plural(count, "record")} shown
            {search.contains && `, ${formatExact(pages.scanned)} searched`}
          </span>
          {more || <span>No more records</span>}
        </footer>
      )}
    </>
  );
}

function NoMessages({
  topic,
  search,
  scanned,
}: {
  topic: TopicDetail;
  search: TopicSearch;
  scanned: number;
}) {
  if (search.live) {
    return (
      <Empty title="Waiting for records" command={`tidemill topic produce ${topic.name}`}>
        Records appear here the moment they are written.
      </Empty>
    );
  }
  if (search.contains || search.partition !== undefined || search.from) {
    return (
      <Empty title="No record matches">
        {search.contains && `${plural(scanned, "record")} searched. `}
        Another partition, an earlier start or a shorter text may help.
      </Empty>
    );
  }
  return (
    <Empty title="This topic is empty" command={`tidemill topic produce ${topic.name}`}>
      Any Kafka client can write to it as well.
    </Empty>
  );
}
