// SPDX-License-Identifier: Apache-2.0
// Talks to the REST interface. Every failure becomes an ApiError, so that pages have one thing to show.
import type { ApiErrorBody } from "./types";

export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
    readonly hint?: string,
  ) {
    super(message);
    this.name = "ApiError";
  }

  /** No answer at all: the server is down or the network is. */
  get unreachable(): boolean {
    return this.status === 0;
  }
}

export type QueryParams = { [name: string]: string | number | undefined };

export function apiPath(path: string, params: QueryParams = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return `/api/v1${path}${text ? `?${text}` : ""}`;
}

async function request<T>(method: string, url: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, method });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new ApiError("unavailable", "the server does not answer", 0, "tidemill status");
  }
  const text = await response.text();
  const body = parse(text);
  if (response.ok || isHealthBody(body)) return body as T;
  throw errorOf(response, body);
}

function parse(text: string): unknown {
  if (!text) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** /health answers 503 with its normal body while parts are starting; that is an answer, not a failure. */
function isHealthBody(body: unknown): boolean {
  return typeof body === "object" && body !== null && "parts" in body && "status" in body;
}

function errorOf(response: Response, body: unknown): ApiError {
  const error = (body as Partial<ApiErrorBody> | undefined)?.error;
  if (error) return new ApiError(error.code, error.message, response.status, error.hint);
  return new ApiError(
    response.status >= 500 ? "unavailable" : "invalid_argument",
    `the server answered ${response.status} ${response.statusText}`.trim(),
    response.status >= 502 ? 0 : response.status,
  );
}

export function get<T>(path: string, params?: QueryParams, signal?: AbortSignal): Promise<T> {
  return request<T>("GET", apiPath(path, params), signal ? { signal } : {});
}

export function post<T>(path: string, body: unknown = {}): Promise<T> {
  return request<T>("POST", apiPath(path), {
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

export function remove(path: string): Promise<void> {
  return request<void>("DELETE", apiPath(path), {});
}

/** Path segment: names may hold anything a client put there. */
export const seg = encodeURIComponent;
