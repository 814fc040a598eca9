// SPDX-License-Identifier: Apache-2.0
// axe finds nothing on any page, in both themes.
import { readFile } from "node:fs/promises";
import { axePath } from "../browser.mjs";

const axeSource = await readFile(axePath, "utf8");

async function audit(page) {
  // Through the debugger and not as a script element, which the page's policy rightly refuses.
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, {
      runOnly: [
        "wcag2a",
        "wcag2aa",
        "wcag21a",
        "wcag21aa",
        "wcag22aa",
        "best-practice",
      ],
    }),
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes
      .slice(0, 3)
      .map(
        (n) =>
          `${id} at ${n.target.join(" ")}: ${n.failureSummary.split("\n")[1]?.trim()}`,
      ),
  );
}

/** Every page, with a sign that its data has arrived. */
const PAGES = {
  overview: () => ["/", "dl[aria-label=Now]"],
  topics: () => ["/topics", "table[aria-label=Topics]"],
  messages: ({ topic }) => [`/topics/${topic}`, "[role=table] [data-index]"],
  "live tail": ({ topic }) => [
    `/topics/${topic}?live=true`,
    "[role=table] [data-index]",
  ],
  record: ({ topic, record }) => [
    `/topics/${topic}?from=earliest&record=${record}`,
    "[role=dialog] pre",
  ],
  partitions: ({ topic }) => [
    `/topics/${topic}?tab=partitions`,
    "table[aria-label=Partitions]",
  ],
  configuration: ({ topic }) => [
    `/topics/${topic}?tab=configs`,
    "table[aria-label=Configuration]",
  ],
  queries: () => ["/queries", "table"],
  progress: ({ query }) => [`/queries/${query}`, "canvas"],
  plan: ({ query }) => [
    `/queries/${query}?tab=plan`,
    "ol[aria-label=Operators] li",
  ],
  statement: ({ query }) => [`/queries/${query}?tab=sql`, "pre"],
  tables: () => ["/tables", "table"],
  rows: ({ keyspace, table }) => [`/tables/${keyspace}/${table}`, "tbody tr"],
  "row pages": ({ keyspace, table }) => [
    `/tables/${keyspace}/${table}?pages=true`,
    "tbody tr",
  ],
  columns: ({ keyspace, table }) => [
    `/tables/${keyspace}/${table}?tab=columns`,
    "tbody tr",
  ],
  "dead letters": () => ["/dead-letters", "main h2"],
  groups: () => ["/groups", "main h2"],
  statements: () => ["/sql", "textarea"],
  "not found": () => ["/nowhere", "main h1"],
};

const stories = {};
for (const [name, place] of Object.entries(PAGES)) {
  stories[`axe finds nothing: ${name}`] = async ({
    page,
    base,
    get,
    ...names
  }) => {
    const { records } = await get(
      `/topics/${names.topic}/records?from=earliest&limit=1`,
    );
    const record = `${records[0].partition}:${records[0].offset}`;
    const [path, ready] = place({ ...names, record });
    const problems = [];
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    await page.goto(base + path);
    await page.locator(ready).first().waitFor();
    await page.locator("[data-connection=live]").waitFor({ state: "attached" });
    for (const theme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      problems.push(...(await audit(page)).map((text) => `${theme}: ${text}`));
    }
    if (problems.length > 0) throw new Error(problems.join("\n"));
  };
}

stories["axe finds nothing: help and palette"] = async ({ page, base }) => {
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await page.goto(base);
  await page.locator("[data-connection=live]").waitFor();
  for (const key of ["?", "Control+k"]) {
    await page.keyboard.press(key);
    await page.getByRole("dialog").waitFor();
    const problems = await audit(page);
    if (problems.length > 0) throw new Error(problems.join("\n"));
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  }
};

export default stories;
