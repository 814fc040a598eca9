// SPDX-License-Identifier: Apache-2.0
import { digits, holds, until } from "../verbs.mjs";

const total = async (page) =>
  digits(
    await page
      .locator("dl[aria-label=Now] > div")
      .first()
      .locator("dd")
      .last()
      .innerText(),
  );

export default {
  "moves by itself": async ({ page, base }) => {
    await page.goto(base);
    await page.locator("[data-connection=live]").waitFor();
    const before = await total(page);
    await until(
      "records in grows without a reload",
      async () => (await total(page)) > before,
    );
  },

  "draws what it collected": async ({ page, base }) => {
    await page.goto(base);
    const chart = page
      .getByRole("img", { name: /Records per second/ })
      .locator("canvas");
    await chart.waitFor();
    const ink = () =>
      chart.evaluate((canvas) => {
        const { data } = canvas
          .getContext("2d")
          .getImageData(0, 0, canvas.width, canvas.height);
        let painted = 0;
        for (let i = 3; i < data.length; i += 4) if (data[i] > 200) painted++;
        return painted;
      });
    const early = await ink();
    await until("the lines get longer", async () => (await ink()) > early + 50);
  },

  "keeps its history while another page is open": async ({ page, base }) => {
    await page.goto(base);
    await page.locator("[data-connection=live]").waitFor();
    await page.getByRole("link", { name: "Topics", exact: true }).click();
    await page.getByRole("heading", { name: "Topics", level: 1 }).waitFor();
    await page.getByRole("link", { name: "Overview", exact: true }).click();
    const legend = page.locator("figure figcaption").first();
    await until("the legend has a value at once", async () =>
      /\d/.test(await legend.innerText()),
    );
  },

  "shows the newest rows and every query": async ({
    page,
    base,
    keyspace,
    table,
    query,
  }) => {
    await page.goto(base);
    const rows = page.getByRole("table", {
      name: `Newest rows of ${keyspace}.${table}`,
    });
    await rows.waitFor();
    const first = () => rows.locator("tbody tr").first().innerText();
    const before = await first();
    await page
      .getByRole("table", { name: "Queries and lag" })
      .getByRole("link", { name: query })
      .waitFor();
    await until(
      "a newer row takes the first place",
      async () => (await first()) !== before,
    );
    holds(
      await page.getByRole("heading", { name: "Rejected by rule" }).isVisible(),
      "rejected by rule",
    );
  },
};
