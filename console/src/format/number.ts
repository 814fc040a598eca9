// SPDX-License-Identifier: Apache-2.0
// Numbers for people: short where they are read, exact where they are asked for (titles).

/** Narrow no-break space: number and unit stay together. */
const GAP = "\u202f";
export const NONE = "\u2013";

const exact = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });
const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

export function formatExact(value: number): string {
  return exact.format(value);
}

/** 950, 12,345, 1.23 M: whole below a hundred thousand, three digits above. */
export function formatCount(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
  const size = Math.abs(value);
  if (size < 100_000) return whole.format(value);
  for (const [unit, name] of [
    [1e12, "T"],
    [1e9, "B"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const) {
    // 999,600 k must become 1.00 M and not 1,000 k.
    if (size >= unit * 0.9995 || unit === 1e3) return threeDigits(value / unit) + GAP + name;
  }
  return whole.format(value);
}

export function formatRate(perSecond: number | null | undefined): string {
  if (perSecond === null || perSecond === undefined || !Number.isFinite(perSecond)) return NONE;
  if (perSecond !== 0 && Math.abs(perSecond) < 10) return `${trim(perSecond.toFixed(1))}${GAP}/s`;
  return `${formatCount(perSecond)}${GAP}/s`;
}

export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined || !Number.isFinite(bytes)) return NONE;
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? whole.format(value) : threeDigits(value)}${GAP}${units[unit]}`;
}

/** Short spans, as latencies and batch times are: 0.4 ms, 12 ms, 1.24 s, 2 min 5 s. */
export function formatMs(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return NONE;
  if (ms === 0) return `0${GAP}ms`;
  if (Math.abs(ms) < 10) return `${trim(ms.toFixed(1))}${GAP}ms`;
  if (Math.abs(ms) < 999.5) return `${Math.round(ms)}${GAP}ms`;
  if (Math.abs(ms) < 59_950) return `${threeDigits(ms / 1000)}${GAP}s`;
  return formatSpan(ms);
}

/** Long spans, the two largest units: 3 d 4 h. Negative means "no limit" for Kafka's settings. */
export function formatSpan(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return NONE;
  if (ms < 0) return "unlimited";
  const seconds = Math.round(ms / 1000);
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return `0${GAP}s`;
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}${GAP}${unit}`)
    .join(" ");
}

export function formatPercent(value: number): string {
  return `${value < 10 ? trim(value.toFixed(1)) : Math.round(value)}${GAP}%`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

function threeDigits(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}

function trim(text: string): string {
  return text.replace(/\.0$/, "");
}
