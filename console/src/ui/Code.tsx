// SPDX-License-Identifier: Apache-2.0
import { useMemo } from "react";
import { prettyJson, type Token } from "@/format/json";
import { sqlTokens } from "@/format/sql";
import { CopyButton } from "./Copy";
import { cx } from "./cx";

const CLASSES: { [kind in Token["kind"]]: string } = {
  key: "code-key",
  string: "code-string",
  number: "code-number",
  word: "code-word",
  comment: "code-comment",
  mark: "",
  space: "",
  text: "",
};

/** Colouring costs an element per token; longer text is shown plain. */
const TOKENS_MAX = 6000;

export function Tokens({ tokens }: { tokens: Token[] }) {
  if (tokens.length > TOKENS_MAX) return <>{tokens.map((token) => token.text).join("")}</>;
  return tokens.map((token, i) =>
    CLASSES[token.kind] ? (
      <span key={i} className={CLASSES[token.kind]}>
        {token.text}
      </span>
    ) : (
      token.text
    ),
  );
}

export interface CodeProps {
  text: string;
  language: "sql" | "json" | "plain";
  label: string;
  className?: string;
  copy?: boolean;
}

/** Read-only text with colours. Scrolls inside itself and can be reached by keyboard for that. */
export function Code({ text, language, label, className, copy = true }: CodeProps) {
  const tokens = useMemo<Token[]>(() => {
    if (language === "sql") return sqlTokens(text);
    return (language === "json" && prettyJson(text)) || [{ kind: "text", text }];
  }, [text, language]);
  return (
    <div className={cx("relative min-w-0 rounded-md border border-line bg-sunken", className)}>
      {copy && (
        <div className="absolute end-1 top-1">
          <CopyButton text={text} label={`Copy ${label.toLowerCase()}`} />
        </div>
      )}
      <pre
        tabIndex={0}
        role="region"
        aria-label={label}
        className="max-h-[inherit] overflow-auto p-3 pe-10 font-mono text-xs leading-5 break-words whitespace-pre-wrap"
      >
        <Tokens tokens={tokens} />
      </pre>
    </div>
  );
}
