// SPDX-License-Identifier: Apache-2.0
// Keyboard shortcuts: single keys and two-key sequences ("g t"), silent while somebody types.
import { useEffect, useRef } from "react";

export interface Shortcut {
  /** Keys with a space between, as KeyboardEvent.key says them. "mod+k" is Ctrl or Command. */
  keys: string;
  title: string;
  run: () => void;
}

const SEQUENCE_MS = 1200;

export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches("textarea, select, input:not([type=checkbox]):not([type=radio])"))
  );
}

/** Takes key events and finds the shortcut that was completed. */
export class KeyReader {
  private pending: { key: string; at: number } | null = null;

  read(event: KeyboardEvent, shortcuts: readonly Shortcut[]): Shortcut | null {
    if (event.altKey || event.isComposing) return null;
    if (event.ctrlKey || event.metaKey) {
      const combined = `mod+${event.key.toLowerCase()}`;
      return shortcuts.find((s) => s.keys === combined) ?? null;
    }
    if (isTyping(event.target) || event.defaultPrevented) return null;
    const first = this.pending;
    this.pending = null;
    if (first && event.timeStamp - first.at <= SEQUENCE_MS) {
      const sequence = shortcuts.find((s) => s.keys === `${first.key} ${event.key}`);
      if (sequence) return sequence;
    }
    if (shortcuts.some((s) => s.keys.startsWith(`${event.key} `))) {
      this.pending = { key: event.key, at: event.timeStamp };
      return null;
    }
    return shortcuts.find((s) => s.keys === event.key) ?? null;
  }
}

export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const current = useRef(shortcuts);
  useEffect(() => {
    current.current = shortcuts;
  });
  useEffect(() => {
    const reader = new KeyReader();
    const onKey = (event: KeyboardEvent) => {
      const found = reader.read(event, current.current);
      if (!found) return;
      event.preventDefault();
      found.run();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}
