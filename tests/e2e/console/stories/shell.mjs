// SPDX-License-Identifier: Apache-2.0
import { holds, same, until } from "../verbs.mjs";

const ground = (page) =>
  page.evaluate(
    () => getComputedStyle(document.documentElement).backgroundColor,
  );
const luminance = (rgb) =>
  rgb
    .match(/\d+/g)
    .slice(0, 3)
    .reduce((sum, c) => sum + Number(c), 0);
const path = (page) => new URL(page.url()).pathname;

export default {
  "follows the system's theme": async ({ page, base }) => {
    await page.goto(base);
    const light = luminance(await ground(page));
    await page.emulateMedia({ colorScheme: "dark" });
    const dark = luminance(await ground(page));
    holds(light > 600 && dark < 150, `light ${light}, dark ${dark}`);
  },

  "remembers a chosen theme over a reload": async ({ page, base }) => {
    await page.goto(base);
    await page.getByRole("button", { name: /Theme: system/ }).click();
    await page.getByRole("button", { name: /Theme: light/ }).click();
    await page.getByRole("button", { name: /Theme: dark/ }).waitFor();
    await page.reload();
    await page.getByRole("button", { name: /Theme: dark/ }).waitFor();
    holds(
      luminance(await ground(page)) < 150,
      "the ground is dark after the reload",
    );
  },

  "works by keyboard alone": async ({ page, base, topic }) => {
    await page.goto(base);
    await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
    await page.keyboard.press("Tab");
    const skip = page.getByRole("link", { name: "Skip to content" });
    holds(
      await skip.evaluate((link) => link === document.activeElement),
      "the skip link is first",
    );
    holds(
      await skip.evaluate((link) => link.getBoundingClientRect().top >= 0),
      "it is visible",
    );
    await page.keyboard.press("Enter");
    same(
      await page.evaluate(() => document.activeElement?.id),
      "main",
      "focus after skipping",
    );

    await page.keyboard.press("g");
    await page.keyboard.press("t");
    await until("g t goes to the topics", () => path(page) === "/topics");
    await page.getByRole("table", { name: "Topics" }).waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type(topic);
    await page.keyboard.press("Enter");
    await until("the list is filtered", () =>
      page.url().includes(`q=${topic}`),
    );
    for (let i = 0; i < 20 && path(page) === "/topics"; i++) {
      await page.keyboard.press("Tab");
      const text = await page.evaluate(
        () => document.activeElement?.textContent,
      );
      if (text === topic) await page.keyboard.press("Enter");
    }
    await until("the topic is open", () => path(page) === `/topics/${topic}`);

    const records = page.getByRole("table", { name: "Records" });
    await records.getByRole("button").first().focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await until("the third row has the focus", () =>
      page.evaluate(
        () =>
          document.activeElement?.closest("[data-index]")?.dataset.index ===
          "2",
      ),
    );
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await until("the focus is back in the list", () =>
      page.evaluate(
        () => document.activeElement?.closest("[role=table]") !== null,
      ),
    );
  },

  "explains its shortcuts": async ({ page, base }) => {
    await page.goto(base);
    await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
    await page.keyboard.press("?");
    await page
      .getByRole("dialog", { name: "Keyboard shortcuts" })
      .getByText("Go to Topics")
      .waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  },

  "finds anything by a few letters": async ({ page, base, query }) => {
    await page.goto(base);
    await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill(query);
    await page
      .getByRole("option", { name: new RegExp(`${query}.*query`) })
      .waitFor();
    await page.keyboard.press("Enter");
    await until("its page is open", () => path(page).endsWith(`/${query}`));
  },

  "a deep link survives a reload": async ({ page, base, topic, get }) => {
    const { records } = await get(
      `/topics/${topic}/records?partition=0&from=earliest&limit=3`,
    );
    const record = `0:${records[0].offset}`;
    await page.goto(
      `${base}/topics/${topic}?partition=0&from=earliest&limit=250&record=${record}`,
    );
    await page
      .getByRole("dialog")
      .getByRole("region", { name: "Value" })
      .waitFor();
    await page.reload();
    await page
      .getByRole("dialog")
      .getByRole("region", { name: "Value" })
      .waitFor();
    await page.keyboard.press("Escape");
    same(
      await page.getByLabel("Partition", { exact: true }).inputValue(),
      "0",
      "partition",
    );
    same(await page.getByLabel("Start at").inputValue(), "earliest", "start");
    same(
      await page.getByLabel("Records per page").inputValue(),
      "250",
      "page size",
    );
  },

  "an unknown address is said to be one": async ({ page, base }) => {
    await page.goto(`${base}/no/such/page`);
    await page.getByText("There is no such page").waitFor();
    await page
      .getByRole("main")
      .getByRole("link", { name: "Overview" })
      .click();
    await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
  },

  "fits a narrow screen": async ({
    page,
    base,
    topic,
    query,
    keyspace,
    table,
  }) => {
    await page.setViewportSize({ width: 390, height: 800 });
    for (const at of [
      "/",
      "/topics",
      `/topics/${topic}`,
      `/queries/${query}`,
      `/tables/${keyspace}/${table}`,
      "/dead-letters",
      "/sql",
    ]) {
      await page.goto(base + at);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await until(`${at} does not scroll sideways`, () =>
        page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
      );
    }
    await page.getByRole("button", { name: "Open navigation" }).click();
    await page
      .getByRole("dialog")
      .getByRole("link", { name: "Groups" })
      .click();
    await page.getByRole("heading", { name: "Groups", level: 1 }).waitFor();
  },
};
