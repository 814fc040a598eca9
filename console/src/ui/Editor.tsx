// SPDX-License-Identifier: Apache-2.0
// A text area with coloured SQL behind it. The area stays the browser's own: undo, selection and screen readers work.
import { useMemo, useRef, type KeyboardEvent } from "react";
import { sqlTokens } from "@/format/sql";
import { Tokens } from "./Code";

export interface EditorProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** Ctrl+Enter or Command+Enter. */
  onRun: () => void;
}

const TYPE = "p-3 font-mono text-sm leading-6 break-words whitespace-pre-wrap";

export function Editor({ label, value, onChange, onRun }: EditorProps) {
  const tokens = useMemo(() => sqlTokens(value), [value]);
  const behind = useRef<HTMLPreElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    onRun();
  };
  return (
    <div className="relative h-48 resize-y overflow-hidden rounded-md border border-line-strong bg-surface focus-within:outline-2 focus-within:outline-focus">
      <pre
        ref={behind}
        aria-hidden
        className={`${TYPE} pointer-events-none absolute inset-0 overflow-hidden`}
      >
        <Tokens tokens={tokens} />
        {"\n"}
      </pre>
      <textarea
        aria-label={label}
        value={value}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
        onScroll={(event) => {
          if (behind.current) behind.current.scrollTop = event.currentTarget.scrollTop;
        }}
        className={`${TYPE} absolute inset-0 size-full resize-none overflow-auto bg-transparent text-transparent caret-ink outline-none selection:text-transparent`}
      />
    </div>
  );
}
