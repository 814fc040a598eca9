// SPDX-License-Identifier: Apache-2.0
import { useState, type FormEvent } from "react";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Input, Select } from "@/ui/Field";
import { InlineFailure } from "@/ui/Notice";

export interface NewTopic {
  name: string;
  partitions: number;
  configs: { [name: string]: string };
}

export interface CreateTopicProps {
  open: boolean;
  busy: boolean;
  error: Error | null;
  onClose: () => void;
  onCreate: (topic: NewTopic) => void;
}

const DAY = 86_400_000;

export function CreateTopic({ open, busy, error, onClose, onCreate }: CreateTopicProps) {
  const [name, setName] = useState("");
  const [partitions, setPartitions] = useState("1");
  const [retention, setRetention] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onCreate({
      name: name.trim(),
      partitions: Number(partitions),
      configs: retention ? { "retention.ms": retention } : {},
    });
  };
  return (
    <Dialog open={open} onClose={onClose} title="Create topic">
      <form onSubmit={submit} className="flex flex-col gap-3 [&>span]:justify-between">
        <Input
          label="Name"
          showLabel
          required
          data-autofocus
          autoComplete="off"
          spellCheck={false}
          maxLength={249}
          pattern="[A-Za-z0-9._\-]+"
          title="Letters, digits, dots, underscores and dashes"
          className="w-72 font-mono"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <Input
          label="Partitions"
          showLabel
          required
          type="number"
          min={1}
          max={10_000}
          className="w-72"
          value={partitions}
          onChange={(event) => setPartitions(event.target.value)}
        />
        <Select
          label="Keep records"
          showLabel
          className="w-72"
          value={retention}
          onChange={(event) => setRetention(event.target.value)}
          options={[
            ["", "Server default"],
            [String(DAY), "1 day"],
            [String(7 * DAY), "7 days"],
            [String(30 * DAY), "30 days"],
            ["-1", "For ever"],
          ]}
        />
        {error && <InlineFailure error={error} />}
        <div className="mt-2 flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" busy={busy}>
            Create topic
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
