// SPDX-License-Identifier: Apache-2.0
import { Dialog } from "@/ui/Dialog";
import { Kbd } from "@/ui/Kbd";
import { textLink } from "@/ui/link";
import type { Shortcut } from "./keys";

export interface HelpDialogProps {
  open: boolean;
  onClose: () => void;
  shortcuts: readonly Shortcut[];
}

export function HelpDialog({ open, onClose, shortcuts }: HelpDialogProps) {
  return (
    <Dialog open={open} onClose={onClose} title="Keyboard shortcuts">
      <dl className="grid grid-cols-[1fr_max-content] gap-x-6 gap-y-2 text-sm">
        {shortcuts.map(({ keys, title }) => (
          <div key={keys} className="contents">
            <dt className="text-ink-2">{title}</dt>
            <dd className="flex items-center justify-end gap-1">
              <Kbd keys={keys} />
            </dd>
          </div>
        ))}
      </dl>
      <p className="mt-5 border-t border-line pt-3 text-xs text-ink-3">
        <a href="/licenses.txt" target="_blank" className={textLink()}>
          Licences of the software in this page
        </a>
      </p>
    </Dialog>
  );
}
