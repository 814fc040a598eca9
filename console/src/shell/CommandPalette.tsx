// SPDX-License-Identifier: Apache-2.0
import { Dialog as Radix } from "radix-ui";
import { useId, useState, type KeyboardEvent } from "react";
import { cx } from "@/ui/cx";
import { search, type Target } from "./palette";

export interface CommandPaletteProps {
  open: boolean;
  targets: readonly Target[];
  onClose: () => void;
  onPick: (target: Target) => void;
}

/** A combobox in a dialog: the focus stays in the field, arrows move the choice. */
export function CommandPalette({ open, targets, onClose, onPick }: CommandPaletteProps) {
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fade-in fixed inset-0 z-40 bg-[rgb(5_12_12/0.45)]" />
        <Radix.Content
          aria-describedby={undefined}
          className="fade-in fixed top-[14vh] left-1/2 z-50 w-[min(560px,calc(100vw-32px))] -translate-x-1/2 overflow-hidden rounded-lg border border-line bg-surface shadow-float outline-none"
        >
          <Radix.Title className="sr-only">Go to</Radix.Title>
          <Palette targets={targets} onPick={onPick} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Palette({ targets, onPick }: Pick<CommandPaletteProps, "targets" | "onPick">) {
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(0);
  const listId = useId();
  const found = search(query, targets);
  const at = Math.min(chosen, found.length - 1);

  const onKeyDown = (event: KeyboardEvent) => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move) {
      event.preventDefault();
      setChosen((at + move + found.length) % Math.max(1, found.length));
    }
    if (event.key === "Enter" && found[at]) onPick(found[at]);
  };

  return (
    <>
      <input
        role="combobox"
        aria-label="Go to page, topic, query or table"
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={found[at] ? `${listId}-${at}` : undefined}
        placeholder="Go to page, topic, query or table"
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
        className="h-12 w-full border-b border-line bg-transparent px-4 text-base outline-none placeholder:text-ink-3"
      />
      <ul
        id={listId}
        role="listbox"
        aria-label="Results"
        className="max-h-80 overflow-y-auto p-1.5"
      >
        {found.map((target, i) => (
          <li
            key={target.href}
            id={`${listId}-${i}`}
            role="option"
            aria-selected={i === at}
            onClick={() => onPick(target)}
            onMouseMove={() => setChosen(i)}
            className={cx(
              "flex h-9 cursor-pointer items-center justify-between gap-3 rounded-md px-2.5 text-sm",
              i === at && "bg-accent-soft text-accent",
            )}
          >
            <span className="truncate">{target.title}</span>
            <span className={cx("text-xs", i === at ? "text-accent" : "text-ink-3")}>
              {target.kind}
            </span>
          </li>
        ))}
      </ul>
      {found.length === 0 && (
        <p role="status" className="px-4 pb-4 text-sm text-ink-2">
          Nothing has these letters.
        </p>
      )}
    </>
  );
}
