// SPDX-License-Identifier: Apache-2.0

const NAMES: { [key: string]: string } = { mod: "Ctrl", ArrowDown: "\u2193", ArrowUp: "\u2191" };

export function Kbd({ keys }: { keys: string }) {
  return (
    <>
      {keys.split(/[ +]/).map((key) => (
        <kbd
          key={key}
          className="inline-flex h-5 min-w-5 items-center justify-center rounded-sm border border-line-strong bg-sunken px-1 font-sans text-2xs font-medium text-ink-2"
        >
          {NAMES[key] ?? (key.length === 1 && keys.includes("+") ? key.toUpperCase() : key)}
        </kbd>
      ))}
    </>
  );
}
