// SPDX-License-Identifier: Apache-2.0
import { useMemo } from "react";
import type { DeadLetter } from "@/api/types";
import { previewOf } from "@/format/bytes";
import { formatExact } from "@/format/number";
import { Badge } from "@/ui/Badge";
import { DataTable, type DataColumn } from "@/ui/DataTable";
import { textLink } from "@/ui/link";
import { Time } from "@/ui/Time";
import { letterKey } from "./letters";

export interface DeadLetterTableProps {
  letters: DeadLetter[];
  selected: string | undefined;
  onOpen: (letter: DeadLetter) => void;
}

export function DeadLetterTable({ letters, selected, onOpen }: DeadLetterTableProps) {
  const columns = useMemo<DataColumn<DeadLetter>[]>(
    () => [
      {
        id: "time",
        title: "Rejected at",
        cell: (l) => (
          <button type="button" className={textLink("num text-xs")} onClick={() => onOpen(l)}>
            <Time ms={l.timestamp_ms} />
            <span className="sr-only">, open dead letter {l.offset}</span>
          </button>
        ),
      },
      { id: "source", title: "Source", cell: (l) => l.source, className: "max-md:hidden" },
      {
        id: "rules",
        title: "Rules",
        cell: (l) => (
          <span className="flex flex-wrap gap-1">
            {l.rules.map((rule) => (
              <Badge key={rule} tone="bad">
                {rule}
              </Badge>
            ))}
          </span>
        ),
      },
      { id: "reason", title: "Reason", cell: (l) => <span className="text-xs">{l.reason}</span> },
      {
        id: "origin",
        title: "Origin",
        cell: (l) => (
          <span className="num font-mono text-xs whitespace-nowrap">
            {l.origin.topic} {l.origin.partition}:{formatExact(l.origin.offset)}
          </span>
        ),
        className: "max-lg:hidden",
      },
      {
        id: "raw",
        title: "Bytes",
        cell: (l) => (
          <span className="block max-w-72 truncate font-mono text-xs text-ink-2">
            {previewOf(l.raw, 120)}
          </span>
        ),
        className: "max-md:hidden",
      },
    ],
    [onOpen],
  );
  return (
    <DataTable
      label="Dead letters"
      rows={letters}
      rowKey={letterKey}
      columns={columns}
      rowClass={(letter) => letterKey(letter) === selected && "bg-accent-soft"}
    />
  );
}
