// SPDX-License-Identifier: Apache-2.0
// What stories say: wait for a condition with a deadline, compare, find things of the running instance.
import { isDeepStrictEqual } from "node:util";

const DEADLINE_MS = Number(process.env.CONSOLE_DEADLINE_MS ?? 30_000);

/** Calls `probe` until it gives something truthy; fails with `what` after the deadline. */
export async function until(what, probe, deadlineMs = DEADLINE_MS) {
  const end = Date.now() + deadlineMs;
  let problem = "";
  for (;;) {
    try {
      const value = await probe();
      if (value) return value;
    } catch (error) {
      problem = `; last problem: ${error.message}`;
    }
    if (Date.now() > end)
      throw new Error(`not within ${deadlineMs} ms: ${what}${problem}`);
    await new Promise((wake) => setTimeout(wake, 100));
  }
}

export function same(actual, expected, what) {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new Error(
    `${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`,
  );
}

export function holds(condition, what) {
  if (!condition) throw new Error(`does not hold: ${what}`);
}

export const digits = (text) => Number(String(text).replace(/[^\d]/g, ""));

/** Names of the instance's things, found over REST; waits until the pipeline has produced them. */
export async function discover(base) {
  const get = async (path) => {
    const response = await fetch(`${base}/api/v1${path}`);
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return response.json();
  };
  const overview = await until(
    "the overview has newest rows",
    async () => {
      const answer = await get("/overview");
      return answer.newest_rows?.rows.length > 0 && answer;
    },
    60_000,
  );
  const { keyspace, table } = overview.newest_rows;
  const queries = await get("/queries");
  const query =
    queries.find((q) => q.state === "running" && q.target.includes(table)) ??
    queries[0];
  holds(query, "a query is running");
  const sources = await get("/sources");
  const topic =
    sources.find((s) => s.name === query.source)?.topic ?? query.source;
  return {
    get,
    keyspace,
    table,
    query: query.name,
    source: query.source,
    topic,
  };
}
