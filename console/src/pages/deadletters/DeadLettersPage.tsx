// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { RotateCcw } from "lucide-react";
import { useState } from "react";
import { post, type ApiError } from "@/api/client";
import * as api from "@/api/queries";
import type { DeadLetter } from "@/api/types";
import { formatCount, plural } from "@/format/number";
import { useLiveQuery } from "@/live/context";
import { LIMITS, type DeadLetterSearch } from "@/search";
import { Button } from "@/ui/Button";
import { Select } from "@/ui/Field";
import { Empty, InlineFailure, Loaded } from "@/ui/Notice";
import { PageHeader, Panel } from "@/ui/Panel";
import { DeadLetterSheet } from "./DeadLetterSheet";
import { DeadLetterTable } from "./DeadLetterTable";
import { filterOptions, letterKey, type ReplayRequest } from "./letters";
import { ReplayDialog } from "./ReplayDialog";

const route = getRouteApi("/dead-letters");

/** The opened entry stays open when newer ones push it off the list; a link to an older one looks further back. */
function useOpenedLetter(at: string | undefined, letters: DeadLetter[] | undefined) {
  const [held, setHeld] = useState<DeadLetter>();
  const listed = letters?.find((letter) => letterKey(letter) === at);
  if (listed && (!held || letterKey(held) !== at)) setHeld(listed);
  const kept = held && letterKey(held) === at ? held : listed;
  const older = useQuery({
    ...api.deadLetters({ limit: 1000 }),
    enabled: at !== undefined && letters !== undefined && !kept,
  });
  return kept ?? (at ? older.data?.find((letter) => letterKey(letter) === at) : undefined);
}

export function DeadLettersPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const { source, rule, limit = 100 } = search;
  const letters = useLiveQuery(api.deadLetters({ source, rule, limit }), { pollMs: 5000 });
  const sources = useQuery(api.sources);
  const [asked, setAsked] = useState<ReplayRequest | null>(null);
  const set = (change: DeadLetterSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });

  const replay = useMutation<{ replayed: number; skipped: number }, ApiError, ReplayRequest>({
    mutationFn: (request) => post("/dead-letters/replay", request),
    onSettled: () => {
      setAsked(null);
      void client.invalidateQueries({ queryKey: ["/dead-letters"] });
    },
  });
  const options = filterOptions(letters.data ?? [], sources.data ?? [], source);
  const opened = useOpenedLetter(search.record, letters.data);
  // Replay names one source; with only one there is nothing to choose.
  const replaySource = source ?? (options.sources.length === 1 ? options.sources[0] : undefined);

  return (
    <>
      <PageHeader
        title="Dead letters"
        note="Records that no query could take, with every rule they broke and their bytes as they came."
        actions={
          <Button
            icon={<RotateCcw size={14} aria-hidden />}
            disabled={!replaySource || !letters.data?.length}
            title={replaySource ? undefined : "Choose a source first"}
            onClick={() => replaySource && setAsked({ source: replaySource, rule })}
          >
            Replay {rule ? "this rule" : "all"}
          </Button>
        }
      />
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <Select
          label="Source"
          value={source ?? ""}
          onChange={(event) =>
            set({ source: event.target.value || undefined, rule: undefined, record: undefined })
          }
          options={[["", "All sources"], ...options.sources.map((s) => [s, s] as const)]}
        />
        <Select
          label="Rule"
          value={rule ?? ""}
          onChange={(event) => set({ rule: event.target.value || undefined, record: undefined })}
          options={[
            ["", "All rules"],
            ...[...new Set([...options.rules, ...(rule ? [rule] : [])])].map(
              (r) => [r, r] as const,
            ),
          ]}
        />
        <Select
          label="How many"
          value={limit}
          onChange={(event) => set({ limit: Number(event.target.value) })}
          options={LIMITS.map((n) => [String(n), `Newest ${n}`] as const)}
        />
      </div>
      <div role="status">
        {replay.data && (
          <p className="mb-3 rounded-md bg-ok-soft px-3 py-2 text-sm text-ok">
            {plural(replay.data.replayed, "record")} sent through the source again
            {replay.data.skipped > 0 && `, ${formatCount(replay.data.skipped)} skipped`}. Those that
            still break a rule come back here.
          </p>
        )}
      </div>
      {replay.error && (
        <div className="mb-3">
          <InlineFailure error={replay.error} />
        </div>
      )}
      <Panel
        title="Newest dead letters"
        note={letters.data && plural(letters.data.length, "record")}
        flush
      >
        <Loaded<DeadLetter[]>
          query={letters}
          isEmpty={(list) => list.length === 0}
          empty={
            source || rule ? (
              <Empty title="No dead letter matches">
                No record broke this rule of this source.
              </Empty>
            ) : (
              <Empty title="No record was rejected" command="tidemill dead-letter list">
                Records that fail a CHECK, NOT NULL or the format of their source would be kept
                here.
              </Empty>
            )
          }
        >
          {(list) => (
            <DeadLetterTable
              letters={list}
              selected={search.record}
              onOpen={(letter) => set({ record: letterKey(letter) })}
            />
          )}
        </Loaded>
      </Panel>
      <DeadLetterSheet
        letter={opened}
        onClose={() => set({ record: undefined })}
        onReplay={(letter) =>
          setAsked({ source: letter.source, partition: letter.partition, offset: letter.offset })
        }
      />
      <ReplayDialog
        request={asked}
        busy={replay.isPending}
        onClose={() => setAsked(null)}
        onConfirm={(request) => {
          set({ record: undefined });
          replay.mutate(request);
        }}
      />
    </>
  );
}
