// SPDX-License-Identifier: Apache-2.0
// Form controls: the browser's own, dressed. They bring keyboard and screen reader behaviour for free.
import { ChevronDown, Search } from "lucide-react";
import {
  useEffect,
  useId,
  useState,
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
} from "react";
import { cx } from "./cx";

const CONTROL =
  "h-8 min-w-0 rounded-md border border-line-strong bg-surface px-2.5 text-sm text-ink placeholder:text-ink-3 disabled:opacity-55";

type Labelled = { label: string; showLabel?: boolean };

/** The label stands beside the control, not around it: around a select it would take the options into its name. */
function Label({
  id,
  text,
  show,
  children,
}: {
  id: string;
  text: string;
  show?: boolean | undefined;
  children: ReactNode;
}) {
  return (
    <span className="inline-flex min-w-0 items-center gap-2 text-sm">
      <label htmlFor={id} className={show ? "whitespace-nowrap text-ink-3" : "sr-only"}>
        {text}
      </label>
      {children}
    </span>
  );
}

export function Input({
  label,
  showLabel,
  className,
  ...rest
}: Labelled & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <Label id={id} text={label} show={showLabel}>
      <input id={id} {...rest} className={cx(CONTROL, className)} />
    </Label>
  );
}

export interface SelectProps extends Labelled, SelectHTMLAttributes<HTMLSelectElement> {
  options: readonly (readonly [value: string, text: string])[];
}

export function Select({ label, showLabel, options, className, ...rest }: SelectProps) {
  const id = useId();
  return (
    <Label id={id} text={label} show={showLabel}>
      <span className="relative inline-flex min-w-0">
        <select id={id} {...rest} className={cx(CONTROL, "appearance-none pe-7", className)}>
          {options.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
        <ChevronDown
          size={14}
          className="pointer-events-none absolute end-2 top-[9px] text-ink-3"
          aria-hidden
        />
      </span>
    </Label>
  );
}

export interface SearchFieldProps extends Labelled {
  value: string;
  placeholder?: string;
  className?: string;
  /** After a pause in typing, or at once with Enter. */
  onCommit: (value: string) => void;
}

export function SearchField({ label, value, placeholder, className, onCommit }: SearchFieldProps) {
  const [draft, setDraft] = useState(value);
  const [committed, setCommitted] = useState(value);
  const [seen, setSeen] = useState(value);
  // The URL changed from elsewhere (back button, a link): follow it. One that only has not caught up with what was
  // committed here must not undo the typing.
  if (value !== seen) {
    setSeen(value);
    if (value !== committed) {
      setCommitted(value);
      setDraft(value);
    }
  }
  const commit = (text: string) => {
    setCommitted(text);
    onCommit(text);
  };
  useEffect(() => {
    if (draft === committed) return;
    const timer = setTimeout(() => commit(draft), 300);
    return () => clearTimeout(timer);
  });
  return (
    <span className={cx("relative inline-flex", className)}>
      <Search size={14} className="absolute start-2.5 top-[9px] text-ink-3" aria-hidden />
      <input
        type="search"
        aria-label={label}
        value={draft}
        placeholder={placeholder ?? label}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") commit(draft);
          if (event.key === "Escape" && draft) {
            event.stopPropagation();
            setDraft("");
            commit("");
          }
        }}
        className={cx(CONTROL, "w-full ps-8")}
      />
    </span>
  );
}

export function Toggle({
  label,
  checked,
  onChange,
}: {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}) {
  return (
    <label className="inline-flex h-8 cursor-pointer items-center gap-2 text-sm text-ink-2">
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
        className="size-3.5 accent-[var(--accent)]"
      />
      {label}
    </label>
  );
}
