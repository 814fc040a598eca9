// SPDX-License-Identifier: Apache-2.0
import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiError, apiPath, get, post } from "./client";

function answer(status: number, body: string) {
  const fetched = vi.fn(async () => new Response(body || null, { status }));
  vi.stubGlobal("fetch", fetched);
  return fetched;
}
const failure = async (promise: Promise<unknown>) => (await promise.catch((e) => e)) as ApiError;

afterEach(() => vi.unstubAllGlobals());

describe("apiPath", () => {
  it("leaves out what is not set and escapes the rest", () => {
    expect(
      apiPath("/topics/a/records", { from: "time:5", contains: "a&b", partition: undefined }),
    ).toBe("/api/v1/topics/a/records?from=time%3A5&contains=a%26b");
    expect(apiPath("/topics", { contains: "" })).toBe("/api/v1/topics");
    expect(apiPath("/topics", { partition: 0 })).toBe("/api/v1/topics?partition=0");
  });
});

describe("requests", () => {
  it("gives the server's own error with its hint", async () => {
    answer(
      404,
      '{"error":{"code":"not_found","message":"topic \'x\' does not exist","hint":"tidemill topic list"}}',
    );
    const error = await failure(get("/topics/x"));
    expect(error).toMatchObject({ code: "not_found", status: 404, hint: "tidemill topic list" });
    expect(error.message).toBe("topic 'x' does not exist");
    expect(error.unreachable).toBe(false);
  });

  it("tells a missing server from an answer", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
    expect((await failure(get("/topics"))).unreachable).toBe(true);
    answer(502, "<html>bad gateway</html>");
    expect((await failure(get("/topics"))).unreachable).toBe(true);
    answer(500, "not json");
    expect((await failure(get("/topics"))).unreachable).toBe(false);
  });

  it("takes the health answer of a server that is starting as an answer", async () => {
    answer(503, '{"status":"starting","version":"1","parts":[]}');
    expect(await get("/health")).toMatchObject({ status: "starting" });
  });

  it("passes an abort on, so that a left page shows no error", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new DOMException("aborted", "AbortError")));
    expect((await failure(get("/topics"))).name).toBe("AbortError");
  });

  it("sends JSON and understands an empty answer", async () => {
    const fetched = answer(204, "");
    expect(await post("/queries/q/pause", { a: 1 })).toBeUndefined();
    expect(fetched.mock.calls[0]).toEqual([
      "/api/v1/queries/q/pause",
      { method: "POST", headers: { "content-type": "application/json" }, body: '{"a":1}' },
    ]);
  });
});
