// SPDX-License-Identifier: Apache-2.0
// Starts Debian's Chromium with a fresh profile. Playwright and axe come from console/node_modules.
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const requireFromConsole = createRequire(
  new URL("../../../console/package.json", import.meta.url),
);
const { chromium } = requireFromConsole("playwright-core");
export const axePath = requireFromConsole.resolve("axe-core/axe.min.js");

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const shotsFolder = process.env.CONSOLE_SHOTS
  ? process.env.CONSOLE_SHOTS
  : fileURLToPath(new URL("../../../console/test-results/", import.meta.url));

export async function launchBrowser() {
  const profile = await mkdtemp(join(tmpdir(), "tidemill-console-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: FLAGS,
    viewport: { width: 1440, height: 900 },
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
  });
  return {
    context,
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
