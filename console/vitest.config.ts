// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// Threads share the process's zone: it is set before they start.
process.env.TZ = "Europe/Berlin";

export default defineConfig({
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  test: {
    // Files that need a page say so: "@vitest-environment happy-dom".
    environment: "node",
    pool: "threads",
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
  },
});
