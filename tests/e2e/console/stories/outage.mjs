// SPDX-License-Identifier: Apache-2.0
// The server goes away and comes back; the page says so and heals without a reload.
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
  "says that it is stale, then heals": async ({
    page,
    base,
    proxy,
    expectFailures,
  }) => {
    expectFailures();
    await page.goto(base);
    await page.locator("[data-connection=live]").waitFor();
    await total(page);
    await proxy.cut();
    try {
      await page.locator("[data-connection=reconnecting]").waitFor();
      await page.getByRole("alert").getByText("Stale").waitFor();
      holds((await total(page)) > 0, "the last numbers stay visible");
    } finally {
      await proxy.restore();
    }
    await page.locator("[data-connection=live]").waitFor();
    await page.getByRole("alert").waitFor({ state: "detached" });
    const before = await total(page);
    await until("numbers move again", async () => (await total(page)) > before);
  },

  "a page opened during an outage shows its error and recovers": async ({
    page,
    base,
    proxy,
    expectFailures,
  }) => {
    expectFailures();
    await page.goto(base);
    await page.locator("[data-connection=live]").waitFor();
    await proxy.cut();
    try {
      await page.getByRole("link", { name: "Tables", exact: true }).click();
      await page
        .getByText("The server does not answer", { exact: true })
        .waitFor();
    } finally {
      await proxy.restore();
    }
    await page.getByRole("table", { name: "Tables" }).waitFor();
  },
};
