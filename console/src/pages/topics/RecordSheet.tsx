// SPDX-License-Identifier: Apache-2.0
import { ChevronDown, ChevronUp } from "lucide-react";
import { apiPath, seg } from "@/api/client";
import type { Record_ } from "@/api/types";
import { formatBytes, formatExact } from "@/format/number";
import { Button } from "@/ui/Button";
import { BytesView } from "@/ui/BytesView";
import { Command } from "@/ui/Copy";
import { Dialog } from "@/ui/Dialog";
import { Empty, Failure, Loading } from "@/ui/Notice";
import { Facts } from "@/ui/Stat";
import { Time } from "@/ui/Time";

export interface RecordSheetProps {
  topic: string;
  /** PARTITION:OFFSET; closed without. */
  at: string | undefined;
  /** undefined while loading, null when there is none. */
  record: Record_ | null | undefined;
  error: Error | null;
  onClose: () => void;
  onPrevious: (() => void) | undefined;
  onNext: (() => void) | undefined;
}

export function RecordSheet(props: RecordSheetProps) {
  const { topic, at, record, error, onClose, onPrevious, onNext } = props;
  const [partition, offset] = (at ?? ":").split(":");
  return (
    <Dialog
      open={at !== undefined}
      onClose={onClose}
      side="right"
      title={`Offset ${formatExact(Number(offset))}`}
      description={`${topic}, partition ${partition}`}
    >
      <div className="mb-4 flex gap-2">
        <Button
          icon={<ChevronUp size={14} aria-hidden />}
          disabled={!onPrevious}
          onClick={onPrevious}
        >
          Above
        </Button>
        <Button icon={<ChevronDown size={14} aria-hidden />} disabled={!onNext} onClick={onNext}>
          Below
        </Button>
      </div>
      {error && <Failure error={error} />}
      {!error && record === undefined && <Loading />}
      {record === null && (
        <Empty title="There is no record at this offset">
          It may have been deleted by retention, compacted away, or not written yet. Offsets of
          transaction markers hold no record either.
        </Empty>
      )}
      {record && <RecordBody topic={topic} record={record} />}
    </Dialog>
  );
}

function RecordBody({ topic, record }: { topic: string; record: Record_ }) {
  const curl = `curl '${window.location.origin}${apiPath(`/topics/${seg(topic)}/records`, {
    partition: record.partition,
    from: record.offset,
    limit: 1,
  })}'`;
  return (
    <div className="flex flex-col gap-5">
      <Facts
        items={[
          ["Time", <Time key="t" ms={record.timestamp_ms} />],
          ["Size", formatBytes(record.size)],
        ]}
      />
      <BytesView bytes={record.value} label="Value" />
      <BytesView bytes={record.key} label="Key" />
      <section>
        <h3 className="mb-2 text-sm font-semibold">Headers</h3>
        {record.headers.length === 0 ? (
          <p className="text-sm text-ink-3">This record has no headers.</p>
        ) : (
          <ul className="flex flex-col gap-3">
            {record.headers.map((header, i) => (
              <li key={i}>
                <BytesView bytes={header.value} label={header.key} />
              </li>
            ))}
          </ul>
        )}
      </section>
      <section>
        <h3 className="mb-1 text-sm font-semibold">Read it elsewhere</h3>
        <Command text={curl} />
      </section>
    </div>
  );
}
