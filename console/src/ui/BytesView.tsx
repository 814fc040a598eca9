// SPDX-License-Identifier: Apache-2.0
// A key or value: as JSON when it is JSON, as text, or as the bytes it is.
import { useMemo, useState } from "react";
import type { Bytes } from "@/api/types";
import { bytesOf, hexDump, sizeOf } from "@/format/bytes";
import { prettyJson, tokensToText } from "@/format/json";
import { formatBytes } from "@/format/number";
import { Choice } from "./Choice";
import { Code } from "./Code";

type Mode = "json" | "text" | "hex";

function modesOf(bytes: Bytes): Mode[] {
  if ("base64" in bytes) return ["hex"];
  return prettyJson(bytes.text) ? ["json", "text", "hex"] : ["text", "hex"];
}

function textIn(bytes: Bytes, mode: Mode): string {
  if (mode === "hex" || "base64" in bytes) return hexDump(bytesOf(bytes));
  if (mode === "text") return bytes.text;
  const tokens = prettyJson(bytes.text);
  return tokens ? tokensToText(tokens) : bytes.text;
}

export function BytesView({ bytes, label }: { bytes: Bytes | null; label: string }) {
  const [wanted, setWanted] = useState<Mode>("json");
  const modes = useMemo(() => (bytes ? modesOf(bytes) : []), [bytes]);
  const mode = modes.includes(wanted) ? wanted : modes[0];
  const text = useMemo(() => (bytes && mode ? textIn(bytes, mode) : ""), [bytes, mode]);
  if (!bytes || !mode) {
    return (
      <p className="text-sm text-ink-3">
        {label} is <em>null</em>
      </p>
    );
  }
  return (
    <div>
      <div className="mb-2 flex items-center gap-3">
        <h3 className="text-sm font-semibold">{label}</h3>
        <span className="num text-xs text-ink-3">{formatBytes(sizeOf(bytes))}</span>
        {modes.length > 1 && (
          <Choice
            className="ms-auto"
            label={`Show ${label.toLowerCase()} as`}
            value={mode}
            options={modes.map((each) => [each, each.toUpperCase()] as const)}
            onChange={(next) => setWanted(next as Mode)}
          />
        )}
      </div>
      {text === "" ? (
        <p className="text-sm text-ink-3">empty text</p>
      ) : (
        <Code text={text} language={mode === "json" ? "json" : "plain"} label={label} />
      )}
    </div>
  );
}
