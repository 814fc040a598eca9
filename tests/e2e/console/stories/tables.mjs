// SPDX-License-Identifier: Apache-2.0
import { holds, same, until } from "../verbs.mjs";

const open = (page, base, { keyspace, table }, search = "") =>
  page.goto(`${base}/tables/${keyspace}/${table}${search}`);
const firstRow = (page) =>
  page
    .getByRole("table", { name: /^Rows of/ })
    .locator("tbody tr")
    .first();

export default {
  "the list leads to a table": async ({ page, base, keyspace, table }) => {
    await page.goto(`${base}/tables`);
    await page
      .getByRole("link", { name: `${keyspace}.${table}`, exact: true })
      .click();
    await firstRow(page).waitFor();
  },

  "new rows appear by themselves": async ({ page, base, ...names }) => {
    await open(page, base, names);
    const before = await firstRow(page).innerText();
    await until(
      "another row is first",
      async () => (await firstRow(page).innerText()) !== before,
      60_000,
    );
  },

  "pages through all rows, and the back button goes back": async ({
    page,
    base,
    ...names
  }) => {
    await open(page, base, names, "?pages=true&limit=50");
    const before = await firstRow(page).innerText();
    await page.getByRole("button", { name: "Next", exact: true }).click();
    await until("the next page is in the URL", () =>
      new URL(page.url()).searchParams.has("page"),
    );
    await until(
      "other rows are shown",
      async () => (await firstRow(page).innerText()) !== before,
    );
    await page.goBack();
    await until(
      "the first page is back",
      () => !new URL(page.url()).searchParams.has("page"),
    );
    await firstRow(page).waitFor();
  },

  "shows columns and the create statement": async ({
    page,
    base,
    keyspace,
    table,
    get,
  }) => {
    const { column_list } = await get(`/tables/${keyspace}/${table}`);
    await open(page, base, { keyspace, table });
    await page.getByRole("tab", { name: "Columns" }).click();
    const rows = page
      .getByRole("table", { name: "Columns" })
      .locator("tbody tr");
    await rows.first().waitFor();
    same(await rows.count(), column_list.length, "one row per column");
    await page.getByRole("tab", { name: "Statement" }).click();
    const statement = page.getByRole("region", {
      name: "CREATE TABLE statement",
    });
    await statement.waitFor();
    holds(
      /create table/i.test(await statement.innerText()),
      "the statement creates the table",
    );
  },
};
