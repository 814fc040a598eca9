// SPDX-License-Identifier: Apache-2.0
import { Pause, Play } from "lucide-react";
import { formatExact, plural } from "@/format/number";
import { Button } from "@/ui/Button";
import { TAIL_MAX, type Tail } from "./tail";

export interface TailBarProps {
  tail: Tail & { pause: () => void; resume: () => void };
}

export function TailBar({ tail }: TailBarProps) {
  return (
    <div className="num flex flex-wrap items-center gap-3 border-b border-line bg-sunken px-4 py-2 text-xs text-ink-2">
      {tail.paused ? (
        <Button look="primary" icon={<Play size={13} aria-hidden />} onClick={tail.resume}>
          Resume
        </Button>
      ) : (
        <Button icon={<Pause size={13} aria-hidden />} onClick={tail.pause}>
          Pause
        </Button>
      )}
      <span role="status">
        {tail.paused
          ? `Paused; ${plural(tail.waiting.length, "record")} waiting`
          : `Following; ${plural(tail.arrived, "record")} since the start`}
      </span>
      <span className="text-ink-3">the newest {formatExact(TAIL_MAX)} are kept</span>
    </div>
  );
}
