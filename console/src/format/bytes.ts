// SPDX-License-Identifier: Apache-2.0
// Record keys and values: text, or base64 where the bytes are not valid UTF-8.
import type { Bytes } from "@/api/types";

export function bytesOf(value: Bytes): Uint8Array {
  if ("text" in value) return new TextEncoder().encode(value.text);
  const binary = atob(value.base64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

export function sizeOf(value: Bytes | null): number {
  if (!value) return 0;
  if ("text" in value) return new TextEncoder().encode(value.text).length;
  const padding = value.base64.endsWith("==") ? 2 : value.base64.endsWith("=") ? 1 : 0;
  return (value.base64.length * 3) / 4 - padding;
}

/** One line for lists. Never longer than `limit`, whatever a client wrote. */
export function previewOf(value: Bytes | null, limit = 400): string {
  if (!value) return "null";
  if ("base64" in value) {
    const shown = bytesOf({ base64: value.base64.slice(0, 88) });
    return [...shown.slice(0, 32)].map((b) => b.toString(16).padStart(2, "0")).join(" ");
  }
  const line = value.text.slice(0, limit).replace(/\s+/g, " ");
  return value.text.length > limit ? `${line}\u2026` : line;
}

/** Offset, sixteen bytes, their ASCII: the dump everybody knows. */
export function hexDump(bytes: Uint8Array, limit = 16_384): string {
  const lines: string[] = [];
  const end = Math.min(bytes.length, limit);
  for (let at = 0; at < end; at += 16) {
    const row = [...bytes.slice(at, Math.min(at + 16, end))];
    const hex = row.map((b, i) => (i === 8 ? " " : "") + b.toString(16).padStart(2, "0")).join(" ");
    const ascii = row.map((b) => (b >= 0x20 && b < 0x7f ? String.fromCharCode(b) : ".")).join("");
    lines.push(`${at.toString(16).padStart(8, "0")}  ${hex.padEnd(48)}  ${ascii}`);
  }
  if (bytes.length > end) lines.push(`\u2026 ${bytes.length - end} more bytes`);
  return lines.join("\n");
}
