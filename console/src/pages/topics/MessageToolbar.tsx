// SPDX-License-Identifier: Apache-2.0
import { Radio } from "lucide-react";
import type { TopicDetail } from "@/api/types";
import { fromInputValue, toInputValue } from "@/format/time";
import { LIMITS, type TopicSearch } from "@/search";
import { Button } from "@/ui/Button";
import { Input, SearchField, Select } from "@/ui/Field";

export interface MessageToolbarProps {
  search: TopicSearch;
  partitions: TopicDetail["partition_list"];
  onChange: (change: TopicSearch) => void;
}

type Start = "latest" | "earliest" | "offset" | "time";

function startOf(from: string): Start {
  if (from === "latest" || from === "earliest") return from;
  return from.startsWith("time:") ? "time" : "offset";
}

export function MessageToolbar({ search, partitions, onChange }: MessageToolbarProps) {
  const from = search.from ?? "latest";
  const start = startOf(from);
  const live = search.live ?? false;
  const chooseStart = (next: string) => {
    const hourAgo = Date.now() - 3_600_000;
    const first = partitions.find((p) => p.partition === (search.partition ?? 0));
    const value = {
      latest: undefined,
      earliest: "earliest",
      offset: String(first?.log_start_offset ?? 0),
      time: `time:${hourAgo}`,
    }[next as Start];
    onChange({ from: value, record: undefined });
  };
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-3">
      <SearchField
        label="Contains"
        placeholder="Key or value contains"
        className="w-64 max-sm:w-full"
        value={search.contains ?? ""}
        onCommit={(contains) => onChange({ contains, record: undefined })}
      />
      <Select
        label="Partition"
        value={search.partition ?? ""}
        onChange={(event) =>
          onChange({
            partition: event.target.value === "" ? undefined : Number(event.target.value),
            record: undefined,
          })
        }
        options={[
          ["", "All partitions"],
          ...partitions.map((p) => [String(p.partition), `Partition ${p.partition}`] as const),
        ]}
      />
      {!live && (
        <>
          <Select
            label="Start at"
            value={start}
            onChange={(event) => chooseStart(event.target.value)}
            options={[
              ["latest", "Newest first"],
              ["earliest", "From the oldest"],
              ["offset", "From offset"],
              ["time", "From time"],
            ]}
          />
          {start === "offset" && (
            <Input
              label="Offset"
              type="number"
              min={0}
              className="w-32"
              value={from}
              onChange={(event) =>
                event.target.value !== "" &&
                onChange({ from: event.target.value, record: undefined })
              }
            />
          )}
          {start === "time" && (
            <Input
              label="Time (local)"
              type="datetime-local"
              step={1}
              value={toInputValue(Number(from.slice("time:".length)))}
              onChange={(event) => {
                const ms = fromInputValue(event.target.value);
                if (ms !== null) onChange({ from: `time:${ms}`, record: undefined });
              }}
            />
          )}
          <Select
            label="Records per page"
            value={search.limit ?? 100}
            onChange={(event) => onChange({ limit: Number(event.target.value) })}
            options={LIMITS.map((n) => [String(n), `${n} a page`] as const)}
          />
        </>
      )}
      <Button
        look={live ? "primary" : "plain"}
        aria-pressed={live}
        className="ms-auto"
        icon={<Radio size={14} aria-hidden />}
        onClick={() => onChange({ live: !live, record: undefined })}
      >
        Live tail
      </Button>
    </div>
  );
}
