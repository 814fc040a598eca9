// SPDX-License-Identifier: Apache-2.0
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import type { ReplayRequest } from "./letters";

export interface ReplayDialogProps {
  request: ReplayRequest | null;
  busy: boolean;
  onClose: () => void;
  onConfirm: (request: ReplayRequest) => void;
}

function subjectOf(request: ReplayRequest): string {
  if (request.offset !== undefined) return `dead letter ${request.offset}`;
  if (request.rule) return `every dead letter that broke "${request.rule}"`;
  return "every dead letter";
}

export function ReplayDialog({ request, busy, onClose, onConfirm }: ReplayDialogProps) {
  return (
    <Dialog open={request !== null} onClose={onClose} title="Replay">
      {request && (
        <>
          <p className="text-sm text-ink-2">
            This sends {subjectOf(request)} of source{" "}
            <span className="font-mono text-xs text-ink">{request.source}</span> through the source
            again, with the rules as they are now. It helps after a rule or a query was corrected.
          </p>
          <div className="mt-5 flex justify-end gap-2">
            <Button onClick={onClose}>Cancel</Button>
            <Button look="primary" busy={busy} onClick={() => onConfirm(request)}>
              Replay
            </Button>
          </div>
        </>
      )}
    </Dialog>
  );
}
