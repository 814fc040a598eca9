// SPDX-License-Identifier: Apache-2.0
// Windows over the page. Radix traps the focus and gives it back.
import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { useRef, type ReactNode } from "react";
import { Button } from "./Button";
import { cx } from "./cx";

export interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  description?: ReactNode;
  /** At the edge of the window, for details; in the middle otherwise. */
  side?: "center" | "right" | "left";
  wide?: boolean;
  children: ReactNode;
}

const PLACES = {
  center:
    "fade-in left-1/2 top-[12vh] max-h-[76vh] w-[calc(100vw-32px)] -translate-x-1/2 rounded-lg border",
  right: "slide-in inset-y-0 right-0 w-full border-l sm:w-[min(680px,92vw)]",
  left: "fade-in inset-y-0 left-0 w-64 border-r",
};

export function Dialog({
  open,
  onClose,
  title,
  description,
  side = "center",
  wide,
  children,
}: DialogProps) {
  // Dialogs are opened by state, not by a trigger that Radix knows: remember where the focus was.
  const opener = useRef<Element | null>(null);
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fade-in fixed inset-0 z-40 bg-[rgb(5_12_12/0.45)]" />
        <Radix.Content
          onOpenAutoFocus={(event) => {
            opener.current = document.activeElement;
            const wanted = event.currentTarget as HTMLElement | null;
            const field = wanted?.querySelector<HTMLElement>("[data-autofocus]");
            if (!field) return;
            event.preventDefault();
            field.focus();
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (opener.current instanceof HTMLElement) opener.current.focus();
          }}
          {...(description ? {} : { "aria-describedby": undefined })}
          className={cx(
            "fixed z-50 flex flex-col border-line bg-surface shadow-float outline-none",
            PLACES[side],
            side === "center" && (wide ? "max-w-3xl" : "max-w-lg"),
          )}
        >
          <header className="flex items-center gap-3 border-b border-line px-4 py-3">
            <div className="min-w-0">
              <Radix.Title className="text-base font-semibold break-all">{title}</Radix.Title>
              {description && (
                <Radix.Description asChild>
                  <div className="num mt-0.5 text-xs text-ink-3">{description}</div>
                </Radix.Description>
              )}
            </div>
            <Radix.Close asChild>
              <Button
                look="ghost"
                className="ms-auto"
                aria-label="Close"
                icon={<X size={16} aria-hidden />}
              />
            </Radix.Close>
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto p-4">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
