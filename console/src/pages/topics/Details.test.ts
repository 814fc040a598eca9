// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { meaningOf } from "./Details";

it.each([
  ["retention.ms", "604800000", "7 d"],
  ["retention.ms", "-1", "unlimited"],
  ["retention.bytes", "-1", "unlimited"],
  ["segment.bytes", "134217728", "128 MiB"],
  ["flush.messages", "9223372036854775807", "unlimited"],
  ["cleanup.policy", "delete", ""],
  ["min.insync.replicas", "1", ""],
])("says what %s = %s means", (name, value, text) =>
  expect(meaningOf({ name, value }).replace("\u202f", " ")).toBe(text),
);
