// SPDX-License-Identifier: Apache-2.0
import { digits, holds, until } from "../verbs.mjs";

const open = (page, base, query, search = "") =>
  page.goto(`${base}/queries/${query}${search}`);

export default {
  "the list shows state, rate and lag": async ({ page, base, query }) => {
    await page.goto(`${base}/queries`);
    const row = page
      .getByRole("row")
      .filter({ has: page.getByRole("link", { name: query, exact: true }) });
    await row.getByText("running").waitFor();
    await row.getByRole("link", { name: query, exact: true }).click();
    await page.getByRole("heading", { name: query, level: 1 }).waitFor();
  },

  "progress grows by itself": async ({ page, base, query }) => {
    await open(page, base, query);
    const chart = page
      .getByRole("img", { name: /received and processed/ })
      .locator("canvas");
    await chart.waitFor();
    const total = async () =>
      digits(
        await page
          .locator("dl[aria-label=Query] > div")
          .first()
          .locator("dd")
          .last()
          .innerText(),
      );
    const before = await total();
    await until(
      "input rows grow",
      async () => (await total()) > before,
      60_000,
    );
    for (const name of [
      /split by phase/,
      /Latency percentiles/,
      /Input rows/,
    ]) {
      await page.getByRole("img", { name }).waitFor();
    }
  },

  "shows the plan and the statement": async ({ page, base, query, get }) => {
    const { plan, sql } = await get(`/queries/${query}`);
    await open(page, base, query);
    await page.getByRole("tab", { name: "Plan" }).click();
    const operators = page
      .getByRole("list", { name: "Operators" })
      .getByRole("listitem");
    await operators.first().waitFor();
    holds(
      (await operators.count()) === plan.nodes.length,
      "one box per operator",
    );
    await page.getByRole("tab", { name: "SQL" }).click();
    const statement = page.getByRole("region", { name: "SQL statement" });
    await statement.waitFor();
    holds(
      (await statement.innerText()).includes(sql.trim().split("\n")[0]),
      "the statement as written",
    );
  },

  "pauses and resumes": async ({ page, base, query, get }) => {
    await open(page, base, query);
    try {
      await page.getByRole("button", { name: "Pause", exact: true }).click();
      await page.locator("main h1 + span", { hasText: "paused" }).waitFor();
      await until(
        "the server agrees",
        async () => (await get(`/queries/${query}`)).state === "paused",
      );
    } finally {
      await fetch(`${base}/api/v1/queries/${query}/resume`, { method: "POST" });
    }
    await page.locator("main h1 + span", { hasText: "running" }).waitFor();
  },
};
