// SPDX-License-Identifier: Apache-2.0
// Times are shown in the reader's zone; UTC is always one hover away.

const pad = (value: number, width = 2) => String(value).padStart(width, "0");

export function formatClock(ms: number): string {
  const d = new Date(ms);
  return `${pad(d.getHours())}:${pad(d.getMinutes())}:${pad(d.getSeconds())}`;
}

export function formatLocal(ms: number, { millis = true } = {}): string {
  const d = new Date(ms);
  if (Number.isNaN(d.getTime())) return "\u2013";
  const date = `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())}`;
  return `${date} ${formatClock(ms)}${millis ? `.${pad(d.getMilliseconds(), 3)}` : ""}`;
}

export function formatUtc(ms: number): string {
  const d = new Date(ms);
  return Number.isNaN(d.getTime())
    ? "\u2013"
    : d.toISOString().replace("T", " ").replace("Z", " UTC");
}

/** How long ago, in one unit. A clock that is slightly ahead is "now", not "in 1 s". */
export function formatAgo(ms: number, now: number): string {
  const seconds = Math.floor((now - ms) / 1000);
  if (seconds < -60) return "in the future";
  if (seconds < 2) return "now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** For <input type="datetime-local">, which speaks local time without a zone. */
export function toInputValue(ms: number): string {
  return formatLocal(ms, { millis: false }).replace(" ", "T");
}

export function fromInputValue(text: string): number | null {
  const ms = new Date(text).getTime();
  return text === "" || Number.isNaN(ms) ? null : ms;
}
