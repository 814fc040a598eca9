// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Play } from "lucide-react";
import { useState } from "react";
import { post, type ApiError } from "@/api/client";
import type { RowPage, StatementResult } from "@/api/types";
import { formatMs } from "@/format/number";
import { Button } from "@/ui/Button";
import { Choice } from "@/ui/Choice";
import { Editor } from "@/ui/Editor";
import { Kbd } from "@/ui/Kbd";
import { Empty, InlineFailure, Loading } from "@/ui/Notice";
import { PageHeader } from "@/ui/Panel";
import { Results } from "./Results";

const route = getRouteApi("/sql");

const EXAMPLES = {
  sql: "SHOW QUERIES;",
  cql: "SELECT keyspace_name, table_name FROM system_schema.tables;",
};

interface Answer {
  results: StatementResult[];
  tookMs: number;
}

async function run(language: "sql" | "cql", text: string): Promise<Answer> {
  const start = performance.now();
  const took = () => performance.now() - start;
  if (language === "sql") {
    const { results } = await post<{ results: StatementResult[] }>("/sql", { sql: text });
    return { results, tookMs: took() };
  }
  const page = await post<RowPage>("/cql", { cql: text, page_size: 1000 });
  const result: StatementResult = { statement: text, columns: page.columns, rows: page.rows };
  if (page.columns.length === 0) result.message = "done";
  else if (page.paging_state) result.message = "and more behind them";
  return { results: [result], tookMs: took() };
}

export function SqlPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const language = search.language ?? "sql";
  const [text, setText] = useState(search.text ?? EXAMPLES[language]);
  const execution = useMutation<Answer, ApiError, string>({
    mutationFn: (statement) => run(language, statement),
    // A statement may have made or dropped anything.
    onSuccess: () => void client.invalidateQueries(),
  });
  const start = () => {
    if (!text.trim() || execution.isPending) return;
    void navigate({ search: { language: search.language, text }, replace: true });
    execution.mutate(text);
  };
  return (
    <>
      <PageHeader
        title="SQL and CQL"
        note="SQL makes and asks streaming queries; CQL works on the tables."
        actions={
          <Choice
            label="Language"
            value={language}
            options={[
              ["sql", "SQL"],
              ["cql", "CQL"],
            ]}
            onChange={(next) => {
              const chosen = next as "sql" | "cql";
              if (text === EXAMPLES[language]) setText(EXAMPLES[chosen]);
              execution.reset();
              void navigate({ search: { language: chosen }, replace: true });
            }}
          />
        }
      />
      <Editor
        label={language === "sql" ? "SQL statements" : "CQL statement"}
        value={text}
        onChange={setText}
        onRun={start}
      />
      <div className="my-3 flex items-center gap-3">
        <Button
          look="primary"
          busy={execution.isPending}
          icon={<Play size={14} aria-hidden />}
          onClick={start}
        >
          Run
        </Button>
        <span className="inline-flex items-center gap-1 text-xs text-ink-3">
          <Kbd keys="mod+Enter" />
        </span>
        <span role="status" className="num ms-auto text-xs text-ink-3">
          {execution.data && `took ${formatMs(execution.data.tookMs)}`}
        </span>
      </div>
      {execution.isPending && <Loading label="Running" />}
      {execution.error && <InlineFailure error={execution.error} />}
      {execution.data && <Results results={execution.data.results} />}
      {execution.isIdle && (
        <Empty
          title="Results appear here"
          command={`tidemill ${language} "${EXAMPLES[language].replace(";", "")}"`}
        >
          The same statements work from the command line.
        </Empty>
      )}
    </>
  );
}
