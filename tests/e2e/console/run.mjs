// SPDX-License-Identifier: Apache-2.0
// Runs the browser stories against TIDEMILL_URL. Usage: TIDEMILL_URL=... node run.mjs [name part]...
// Closes with "N passed, N failed"; a failed story leaves a screenshot in console/test-results.
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { launchBrowser, shotsFolder } from "./browser.mjs";
import { startProxy } from "./proxy.mjs";
import { discover } from "./verbs.mjs";

const STORIES = fileURLToPath(new URL("./stories/", import.meta.url));

async function loadStories(wanted) {
  const stories = [];
  for (const file of (await readdir(STORIES)).sort()) {
    const module = await import(join(STORIES, file));
    for (const [title, play] of Object.entries(module.default)) {
      stories.push({ title: `${file.replace(".mjs", "")}: ${title}`, play });
    }
  }
  return stories.filter(
    ({ title }) =>
      wanted.length === 0 || wanted.some((part) => title.includes(part)),
  );
}

/** A page that remembers what must not happen on any page of the console. */
async function openPage(context, base) {
  const page = await context.newPage();
  const offences = [];
  let tolerant = false;
  page.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    const local =
      host === new URL(base).host ||
      protocol === "data:" ||
      protocol === "blob:";
    if (!local) offences.push(`asked another host: ${request.url()}`);
  });
  page.on("pageerror", (error) => offences.push(`uncaught: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" && !tolerant)
      offences.push(`console: ${message.text()}`);
  });
  // Failed requests are the point of some stories; the browser logs each of them as an error.
  return { page, offences, expectFailures: () => (tolerant = true) };
}

async function play(story, context, shared) {
  const { page, offences, expectFailures } = await openPage(
    context,
    shared.base,
  );
  try {
    await page.emulateMedia({ colorScheme: "light" });
    await story.play({ ...shared, page, expectFailures });
    if (offences.length > 0) throw new Error(offences.join("; "));
    return null;
  } catch (error) {
    const name = story.title.replace(/[^a-z0-9]+/gi, "-").slice(0, 80);
    await page
      .screenshot({ path: join(shotsFolder, `${name}.png`) })
      .catch(() => {});
    return error;
  } finally {
    await page.evaluate(() => localStorage.clear()).catch(() => {});
    await page.close();
  }
}

export async function runStories(target, wanted = []) {
  await mkdir(shotsFolder, { recursive: true });
  const stories = await loadStories(wanted);
  const proxy = await startProxy(target);
  const browser = await launchBrowser();
  let failed = 0;
  try {
    const names = await discover(target);
    for (const story of stories) {
      const start = Date.now();
      const error = await play(story, browser.context, {
        base: proxy.url,
        proxy,
        ...names,
      });
      console.log(
        `${error ? "FAILED" : "ok    "} ${story.title} (${Date.now() - start} ms)`,
      );
      if (!error) continue;
      failed++;
      console.log(
        `       ${error.message.split("\n").slice(0, 12).join("\n       ")}`,
      );
    }
  } finally {
    await browser.close();
    await proxy.stop();
  }
  return { passed: stories.length - failed, failed };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const target = process.env.TIDEMILL_URL;
  if (!target) {
    console.error(
      "TIDEMILL_URL is not set: start `tidemill up examples/users` and name its web address",
    );
    process.exit(2);
  }
  const { passed, failed } = await runStories(
    target,
    process.argv.slice(2),
  ).catch((error) => {
    console.error(error.message);
    return { passed: 0, failed: 1 };
  });
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed > 0 || passed === 0 ? 1 : 0);
}
