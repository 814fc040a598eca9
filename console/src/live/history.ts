// SPDX-License-Identifier: Apache-2.0
// The last minutes of a changing value, kept in the browser for the charts. The server keeps no history.

export interface Series {
  /** Seconds since the epoch, ascending. */
  times: number[];
  /** One column per field; null marks a gap (the connection was down). */
  columns: (number | null)[][];
}

export class History<T> {
  private times: number[] = [];
  private columns: (number | null)[][];
  private snapshot: Series;
  private readonly watchers = new Set<() => void>();

  constructor(
    private readonly fields: ((value: T) => number)[],
    private readonly windowMs: number,
  ) {
    this.columns = fields.map(() => []);
    this.snapshot = { times: this.times, columns: this.columns };
  }

  /** Adds a point; one at or before the newest replaces nothing and is dropped. */
  push(timeMs: number, value: T): void {
    if (!this.isNewer(timeMs)) return;
    this.append(timeMs / 1000, (field) => field(value));
  }

  /** Breaks the line: nothing is known about the time that follows. */
  gap(timeMs: number): void {
    const newest = this.columns[0]?.at(-1);
    if (this.times.length === 0 || newest === null || !this.isNewer(timeMs)) return;
    this.append(timeMs / 1000, () => null);
  }

  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  /** The same object until something changes, as useSyncExternalStore wants it. */
  read = (): Series => this.snapshot;

  private isNewer(timeMs: number): boolean {
    return this.times.length === 0 || timeMs / 1000 > this.times[this.times.length - 1]!;
  }

  private append(time: number, valueOf: (field: (value: T) => number) => number | null): void {
    const oldest = time - this.windowMs / 1000;
    let from = 0;
    while (from < this.times.length && this.times[from]! < oldest) from++;
    this.times = [...this.times.slice(from), time];
    this.columns = this.columns.map((column, i) => [
      ...column.slice(from),
      valueOf(this.fields[i]!),
    ]);
    this.snapshot = { times: this.times, columns: this.columns };
    for (const watcher of [...this.watchers]) watcher();
  }
}
