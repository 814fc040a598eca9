// SPDX-License-Identifier: Apache-2.0
// Takes docs/user/overview.png from a running instance: TIDEMILL_URL=... node screenshot.mjs [path] [file] [theme] [seconds]
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { launchBrowser } from "./browser.mjs";

const [path = "/", given, theme = "light", seconds = "90"] =
  process.argv.slice(2);
const file =
  given ??
  fileURLToPath(new URL("../../../docs/user/overview.png", import.meta.url));
const browser = await launchBrowser();
const page = await browser.context.newPage();
await page.emulateMedia({ colorScheme: theme });
await page.goto(process.env.TIDEMILL_URL + path);
// Charts start empty: they show what this tab has seen.
await page.waitForTimeout(Number(seconds) * 1000);
await mkdir(dirname(file), { recursive: true });
await page.screenshot({ path: file });
await browser.close();
console.log(file);
