// SPDX-License-Identifier: Apache-2.0
// An instance without topics, queries and tables (`tidemill up` without a project): each page says what to do next.
// Usage: TIDEMILL_EMPTY_URL=... node empty.mjs
import { fileURLToPath } from "node:url";
import { launchBrowser } from "./browser.mjs";

const EXPECTED = {
  "/": "tidemill up examples/users",
  "/topics": "tidemill topic create orders",
  "/queries": "tidemill apply examples/users",
  "/tables": "tidemill cql",
  "/dead-letters": "tidemill dead-letter list",
  "/groups": "kcat",
};

export async function runEmptyStories(base) {
  const browser = await launchBrowser();
  const page = await browser.context.newPage();
  let [passed, failed] = [0, 0];
  for (const [path, command] of Object.entries(EXPECTED)) {
    try {
      await page.goto(base + path);
      await page
        .locator("main code", { hasText: command })
        .waitFor({ timeout: 15_000 });
      console.log(`ok     empty: ${path} says "${command}"`);
      passed++;
    } catch (error) {
      console.log(
        `FAILED empty: ${path} says "${command}"\n       ${error.message.split("\n")[0]}`,
      );
      failed++;
    }
  }
  await browser.close();
  return { passed, failed };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { passed, failed } = await runEmptyStories(
    process.env.TIDEMILL_EMPTY_URL,
  );
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed > 0 ? 1 : 0);
}
