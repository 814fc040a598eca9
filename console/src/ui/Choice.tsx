// SPDX-License-Identifier: Apache-2.0
import { ToggleGroup } from "radix-ui";
import { cx } from "./cx";

export interface ChoiceProps {
  label: string;
  value: string;
  options: readonly (readonly [value: string, text: string])[];
  onChange: (value: string) => void;
  className?: string;
}

/** One of a few, all visible. */
export function Choice({ label, value, options, onChange, className }: ChoiceProps) {
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={label}
      value={value}
      onValueChange={(next) => next && onChange(next)}
      className={cx("inline-flex rounded-md border border-line-strong bg-surface p-0.5", className)}
    >
      {options.map(([each, text]) => (
        <ToggleGroup.Item
          key={each}
          value={each}
          className="h-6 rounded-sm px-2.5 text-xs font-medium text-ink-2 hover:text-ink data-[state=on]:bg-accent-soft data-[state=on]:text-accent"
        >
          {text}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
