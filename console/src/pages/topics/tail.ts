// SPDX-License-Identifier: Apache-2.0
// The state of a live tail: the newest records, and those that came while it was paused.
import type { Bytes, Record_ } from "@/api/types";
import { mergeRecords } from "./paging";

export const TAIL_MAX = 2000;

export interface TailFilter {
  partition?: number | undefined;
  contains?: string | undefined;
}

export interface Tail {
  paused: boolean;
  /** Newest first. */
  shown: Record_[];
  waiting: Record_[];
  /** How many records arrived and matched since the start. */
  arrived: number;
}

export const emptyTail: Tail = { paused: false, shown: [], waiting: [], arrived: 0 };

const holds = (bytes: Bytes | null, text: string) =>
  bytes !== null && "text" in bytes && bytes.text.includes(text);

/** The same filter that the server applies to pages: text in key or value. */
export function matches(record: Record_, filter: TailFilter): boolean {
  if (filter.partition !== undefined && record.partition !== filter.partition) return false;
  const { contains } = filter;
  return !contains || holds(record.key, contains) || holds(record.value, contains);
}

function newest(pages: Record_[][]): Record_[] {
  return mergeRecords(pages, true).slice(0, TAIL_MAX);
}

export type TailAction =
  | { type: "start"; records: Record_[] }
  | { type: "arrive"; records: Record_[]; filter: TailFilter }
  | { type: "pause" }
  | { type: "resume" };

export function tailReducer(tail: Tail, action: TailAction): Tail {
  switch (action.type) {
    case "start":
      return { ...tail, shown: newest([tail.shown, action.records]) };
    case "arrive": {
      const found = action.records.filter((record) => matches(record, action.filter));
      if (found.length === 0) return tail;
      const arrived = tail.arrived + found.length;
      return tail.paused
        ? { ...tail, arrived, waiting: newest([tail.waiting, found]) }
        : { ...tail, arrived, shown: newest([tail.shown, found]) };
    }
    case "pause":
      return { ...tail, paused: true };
    case "resume":
      return { ...tail, paused: false, waiting: [], shown: newest([tail.shown, tail.waiting]) };
  }
}
