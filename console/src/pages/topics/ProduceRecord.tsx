// SPDX-License-Identifier: Apache-2.0
import { useId, useState, type FormEvent } from "react";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Input, Select } from "@/ui/Field";
import { InlineFailure } from "@/ui/Notice";

export interface NewRecord {
  key?: string;
  value: string;
  partition?: number;
}

export interface ProduceRecordProps {
  open: boolean;
  topic: string;
  partitions: number[];
  busy: boolean;
  error: Error | null;
  /** Where the last record went. */
  written: string | null;
  onClose: () => void;
  onProduce: (record: NewRecord) => void;
}

export function ProduceRecord(props: ProduceRecordProps) {
  const { open, topic, partitions, busy, error, written, onClose, onProduce } = props;
  const [key, setKey] = useState("");
  const [value, setValue] = useState("");
  const [partition, setPartition] = useState("");
  const valueId = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onProduce({
      value,
      ...(key === "" ? {} : { key }),
      ...(partition === "" ? {} : { partition: Number(partition) }),
    });
  };
  return (
    <Dialog open={open} onClose={onClose} title="Produce a record" description={topic}>
      <form onSubmit={submit} className="flex flex-col gap-3">
        <div className="flex flex-wrap gap-x-6 gap-y-3">
          <Input
            label="Key"
            showLabel
            placeholder="none"
            spellCheck={false}
            className="w-56 font-mono"
            value={key}
            onChange={(event) => setKey(event.target.value)}
          />
          <Select
            label="Partition"
            showLabel
            value={partition}
            onChange={(event) => setPartition(event.target.value)}
            options={[["", "By key"], ...partitions.map((p) => [String(p), String(p)] as const)]}
          />
        </div>
        <div>
          <label htmlFor={valueId} className="text-sm text-ink-3">
            Value
          </label>
          <textarea
            id={valueId}
            data-autofocus
            required
            rows={8}
            spellCheck={false}
            value={value}
            onChange={(event) => setValue(event.target.value)}
            className="mt-1 block w-full rounded-md border border-line-strong bg-surface p-2.5 font-mono text-xs leading-5"
          />
        </div>
        {error && <InlineFailure error={error} />}
        <div className="flex items-center gap-2">
          <span role="status" className="num me-auto text-sm text-ok">
            {written}
          </span>
          <Button onClick={onClose}>Close</Button>
          <Button look="primary" type="submit" busy={busy}>
            Produce
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
