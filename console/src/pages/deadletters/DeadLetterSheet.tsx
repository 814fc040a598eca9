// SPDX-License-Identifier: Apache-2.0
import { Link } from "@tanstack/react-router";
import { RotateCcw } from "lucide-react";
import type { DeadLetter } from "@/api/types";
import { formatExact } from "@/format/number";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { BytesView } from "@/ui/BytesView";
import { Dialog } from "@/ui/Dialog";
import { textLink } from "@/ui/link";
import { Facts } from "@/ui/Stat";
import { Time } from "@/ui/Time";

export interface DeadLetterSheetProps {
  letter: DeadLetter | undefined;
  onClose: () => void;
  onReplay: (letter: DeadLetter) => void;
}

export function DeadLetterSheet({ letter, onClose, onReplay }: DeadLetterSheetProps) {
  return (
    <Dialog
      open={letter !== undefined}
      onClose={onClose}
      side="right"
      title={letter ? `Dead letter ${formatExact(letter.offset)}` : ""}
      description={letter && `${letter.topic}, partition ${letter.partition}`}
    >
      {letter && (
        <div className="flex flex-col gap-5">
          <Facts
            items={[
              [
                "Rules",
                <span key="r" className="flex flex-wrap gap-1">
                  {letter.rules.map((rule) => (
                    <Badge key={rule} tone="bad">
                      {rule}
                    </Badge>
                  ))}
                </span>,
              ],
              ["Reason", letter.reason],
              ["Source", letter.source],
              ["Rejected at", <Time key="t" ms={letter.timestamp_ms} />],
              [
                "Came from",
                <Link
                  key="o"
                  to="/topics/$topic"
                  params={{ topic: letter.origin.topic }}
                  search={{
                    partition: letter.origin.partition,
                    from: String(letter.origin.offset),
                    record: `${letter.origin.partition}:${letter.origin.offset}`,
                  }}
                  className={textLink("font-mono text-xs")}
                >
                  {letter.origin.topic}, partition {letter.origin.partition}, offset{" "}
                  {formatExact(letter.origin.offset)}
                </Link>,
              ],
              ["Written at", <Time key="w" ms={letter.origin.timestamp_ms} />],
            ]}
          />
          <div>
            <Button icon={<RotateCcw size={14} aria-hidden />} onClick={() => onReplay(letter)}>
              Replay this record
            </Button>
          </div>
          <BytesView bytes={letter.raw} label="Raw bytes" />
          <BytesView bytes={letter.key} label="Key" />
        </div>
      )}
    </Dialog>
  );
}
