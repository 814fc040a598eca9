// SPDX-License-Identifier: Apache-2.0
import { holds, same, until } from "../verbs.mjs";

export default {
  "dead letters: filter by rule, look at the bytes": async ({
    page,
    base,
    get,
  }) => {
    const [letter] = await until("a dead letter exists", async () => {
      const letters = await get("/dead-letters?limit=1");
      return letters.length > 0 && letters;
    });
    const rule = letter.rules[0];
    await page.goto(`${base}/dead-letters`);
    await page.getByLabel("Rule").selectOption(rule);
    await until(
      "the rule is in the URL",
      () => new URL(page.url()).searchParams.get("rule") === rule,
    );
    const rows = page
      .getByRole("table", { name: "Dead letters" })
      .locator("tbody tr");
    await rows.first().waitFor();
    for (const text of await rows.allInnerTexts())
      holds(text.includes(rule), `row names ${rule}: ${text}`);
    await rows.first().getByRole("button").click();
    const sheet = page.getByRole("dialog");
    await sheet.getByRole("heading", { name: "Raw bytes" }).waitFor();
    await sheet.getByText("Came from").waitFor();
  },

  "dead letters: replay asks first and reports": async ({
    page,
    base,
    source,
  }) => {
    await page.goto(`${base}/dead-letters?source=${source}`);
    const table = page.getByRole("table", { name: "Dead letters" });
    await table.locator("tbody tr").first().getByRole("button").click();
    await page
      .getByRole("dialog")
      .getByRole("button", { name: "Replay this record" })
      .click();
    const question = page.getByRole("dialog", { name: "Replay" });
    await question.getByRole("button", { name: "Replay", exact: true }).click();
    await page.getByText(/sent through the source again/).waitFor();
  },

  "groups: a list or what to do": async ({ page, base, get }) => {
    const [group] = await get("/groups");
    await page.goto(`${base}/groups`);
    if (!group) {
      await page.getByText("There are no consumer groups").waitFor();
      return;
    }
    await page.getByRole("link", { name: group.group, exact: true }).click();
    await page.getByRole("heading", { name: "Offsets" }).waitFor();
  },

  "statements: CQL answers in a grid": async ({
    page,
    base,
    keyspace,
    table,
  }) => {
    await page.goto(`${base}/sql?language=cql`);
    const editor = page.getByRole("textbox", { name: "CQL statement" });
    await editor.fill(`SELECT * FROM ${keyspace}.${table} LIMIT 5;`);
    await editor.press("Control+Enter");
    const rows = page
      .getByRole("table", { name: "Result 1" })
      .locator("tbody tr");
    await rows.first().waitFor();
  },

  "statements: a mistake is explained": async ({
    page,
    base,
    expectFailures,
  }) => {
    expectFailures();
    await page.goto(`${base}/sql`);
    await page.getByRole("textbox", { name: "SQL statements" }).fill("selec 1");
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByRole("alert").waitFor();
    same(
      new URL(page.url()).searchParams.get("text"),
      "selec 1",
      "the statement in the URL",
    );
  },
};
