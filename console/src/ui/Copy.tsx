// SPDX-License-Identifier: Apache-2.0
import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "./Button";

export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), 1500);
    return () => clearTimeout(timer);
  }, [done]);
  return (
    <>
      <Button
        look="ghost"
        aria-label={label}
        title={label}
        icon={done ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
        onClick={() => void navigator.clipboard?.writeText(text).then(() => setDone(true))}
      />
      <span role="status" className="sr-only">
        {done ? "Copied" : ""}
      </span>
    </>
  );
}

/** A command to run next, ready to copy. */
export function Command({ text }: { text: string }) {
  return (
    <div className="mt-1 inline-flex max-w-full items-center gap-1 rounded-md border border-line bg-sunken ps-3">
      <code className="py-1.5 text-start font-mono text-sm wrap-anywhere whitespace-pre-wrap">
        <span aria-hidden className="text-ink-3 select-none">
          ${" "}
        </span>
        {text}
      </code>
      <CopyButton text={text} label={`Copy command: ${text}`} />
    </div>
  );
}
