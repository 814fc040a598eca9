// SPDX-License-Identifier: Apache-2.0
// Small labels. A state is always a word with a mark beside it, never a colour alone.
import { CircleAlert, CircleCheck, CirclePause, CirclePlay, LoaderCircle } from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "./cx";

export type Tone = "neutral" | "ok" | "warn" | "bad" | "info" | "accent";

const TONES: { [tone in Tone]: string } = {
  neutral: "bg-sunken text-ink-2",
  ok: "bg-ok-soft text-ok",
  warn: "bg-warn-soft text-warn",
  bad: "bg-bad-soft text-bad",
  info: "bg-info-soft text-info",
  accent: "bg-accent-soft text-accent",
};

export interface BadgeProps {
  tone?: Tone;
  icon?: ReactNode;
  title?: string | undefined;
  children: ReactNode;
}

export function Badge({ tone = "neutral", icon, title, children }: BadgeProps) {
  return (
    <span
      title={title}
      className={cx(
        "inline-flex h-5 items-center gap-1 rounded-sm px-1.5 text-xs font-medium whitespace-nowrap",
        TONES[tone],
      )}
    >
      {icon}
      {children}
    </span>
  );
}

const SIZE = 12;
const STATES: { [state: string]: [Tone, ReactNode] } = {
  running: ["ok", <CirclePlay key="i" size={SIZE} aria-hidden />],
  finished: ["info", <CircleCheck key="i" size={SIZE} aria-hidden />],
  paused: ["warn", <CirclePause key="i" size={SIZE} aria-hidden />],
  failed: ["bad", <CircleAlert key="i" size={SIZE} aria-hidden />],
  starting: ["info", <LoaderCircle key="i" size={SIZE} aria-hidden />],
  stable: ["ok", <CircleCheck key="i" size={SIZE} aria-hidden />],
  empty: ["neutral", null],
  dead: ["bad", <CircleAlert key="i" size={SIZE} aria-hidden />],
};

/** State of a query or group in its own word. An unknown word is shown as it came. */
export function StateBadge({ state, title }: { state: string; title?: string | undefined }) {
  const [tone, icon] = STATES[state.toLowerCase()] ?? ["warn", null];
  return (
    <Badge tone={tone} icon={icon} title={title}>
      {state.toLowerCase()}
    </Badge>
  );
}
