// SPDX-License-Identifier: Apache-2.0
import { digits, holds, same, until } from "../verbs.mjs";

const rowsOf = (page) =>
  page
    .getByRole("table", { name: "Records" })
    .locator("[role=row][data-index]");
const recordButton = (page, { partition, offset }) =>
  page.getByRole("button", {
    name: `Open record ${offset.toLocaleString("en-US")} of partition ${partition}`,
    exact: true,
  });
/** A text that tells the record from others: its id. */
const idOf = ({ key, value }) =>
  key?.text ||
  /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(value?.text ?? "")?.[0];
const open = (page, base, topic, search = "") =>
  page.goto(`${base}/topics/${topic}${search}`);
const parameter = (page, name) => new URL(page.url()).searchParams.get(name);

async function produceOne(page) {
  await page.getByRole("button", { name: "Produce", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Key").fill("story");
  await dialog.getByLabel("Partition").selectOption("1");
  await dialog.getByLabel("Value").fill('{"id":9007199254740993}');
  await dialog.getByRole("button", { name: "Produce", exact: true }).click();
  await dialog.getByText("Written: partition 1, offset 0").waitFor();
  await page.keyboard.press("Escape");
  await recordButton(page, { partition: 1, offset: 0 }).click();
  await page
    .getByRole("dialog")
    .getByText("9007199254740993")
    .first()
    .waitFor();
}

export default {
  "the list leads to a topic": async ({ page, base, topic }) => {
    await page.goto(`${base}/topics`);
    await page.getByRole("searchbox", { name: "Filter topics" }).fill(topic);
    await until(
      "the filter is in the URL",
      () => parameter(page, "q") === topic,
    );
    await page.getByRole("link", { name: topic, exact: true }).click();
    await page.getByRole("heading", { name: topic, level: 1 }).waitFor();
    await rowsOf(page).first().waitFor();
  },

  "internal topics are shown only when asked for": async ({
    page,
    base,
    get,
  }) => {
    const internal = (await get("/topics")).find((t) => t.internal);
    await page.goto(`${base}/topics`);
    await page.getByRole("table", { name: "Topics" }).waitFor();
    if (!internal) return;
    same(
      await page
        .getByRole("link", { name: internal.name, exact: true })
        .count(),
      0,
      "hidden",
    );
    await page.getByLabel("Internal topics").check();
    await page
      .getByRole("link", { name: internal.name, exact: true })
      .waitFor();
  },

  "browses from the oldest of one partition": async ({
    page,
    base,
    topic,
    get,
  }) => {
    await open(page, base, topic);
    await page.getByLabel("Partition", { exact: true }).selectOption("0");
    await page.getByLabel("Start at").selectOption("earliest");
    await until(
      "the URL says so",
      () =>
        parameter(page, "from") === "earliest" &&
        parameter(page, "partition") === "0",
    );
    const page0 = await get(
      `/topics/${topic}/records?partition=0&from=earliest&limit=1`,
    );
    const first = page0.records[0].offset;
    await page
      .getByRole("button", { name: `Open record ${first} of partition 0` })
      .waitFor();
  },

  "browses from an offset and loads more": async ({
    page,
    base,
    topic,
    get,
  }) => {
    const { log_start_offset, high_watermark } = await until(
      "the first partition holds 250 records",
      async () => {
        const [first] = (await get(`/topics/${topic}`)).partition_list;
        return first.high_watermark - first.log_start_offset > 250 && first;
      },
      90_000,
    );
    const from = Math.floor((log_start_offset + high_watermark) / 2);
    await open(page, base, topic, `?partition=0&from=${from}&limit=50`);
    const table = page.getByRole("table", { name: "Records" });
    await rowsOf(page).first().waitFor();
    const count = async () => digits(await table.getAttribute("aria-rowcount"));
    const before = await count();
    await page.getByRole("button", { name: "Load more" }).click();
    await until("the list grows", async () => (await count()) > before);
  },

  "loads older records behind the newest": async ({ page, base, topic }) => {
    await open(page, base, topic, "?limit=50");
    const table = page.getByRole("table", { name: "Records" });
    await rowsOf(page).first().waitFor();
    await page.getByRole("button", { name: "Load older" }).click();
    await until(
      "there are more than 50",
      async () => digits(await table.getAttribute("aria-rowcount")) > 60,
    );
  },

  "offers the records that came since": async ({ page, base, topic }) => {
    await open(page, base, topic);
    const first = () => rowsOf(page).first().innerText();
    await rowsOf(page).first().waitFor();
    const before = await first();
    await page
      .getByRole("button", { name: /^Show .* newer records?$/ })
      .click();
    await until(
      "a newer record is first",
      async () => (await first()) !== before,
    );
  },

  "finds a record by a part of its key or value": async ({
    page,
    base,
    topic,
    get,
  }) => {
    const { records } = await get(
      `/topics/${topic}/records?from=earliest&limit=50`,
    );
    const wanted = records.find(idOf);
    const text = idOf(wanted);
    await open(page, base, topic, "?from=earliest");
    await rowsOf(page).first().waitFor();
    await page.getByRole("searchbox", { name: "Contains" }).fill(text);
    await until(
      "the filter is in the URL",
      () => parameter(page, "contains") === text,
    );
    await recordButton(page, wanted).waitFor();
  },

  "finds a record far behind the newest ones": async ({
    page,
    base,
    topic,
    get,
  }) => {
    const partition = await until(
      "a partition holds 400 records",
      async () =>
        (await get(`/topics/${topic}`)).partition_list.find(
          (p) => p.high_watermark - p.log_start_offset > 400,
        ),
      90_000,
    );
    const from = partition.high_watermark - 350;
    const old = await get(
      `/topics/${topic}/records?partition=${partition.partition}&from=${from}&limit=50`,
    );
    const wanted = old.records.find(idOf);
    await open(
      page,
      base,
      topic,
      `?limit=50&contains=${encodeURIComponent(idOf(wanted))}`,
    );
    await recordButton(page, wanted).waitFor();
  },

  "says when nothing matches": async ({ page, base, topic }) => {
    await open(page, base, topic, "?contains=no-such-text-anywhere");
    await page.getByText("No record matches").waitFor();
  },

  "opens a record with its JSON, key and headers": async ({
    page,
    base,
    topic,
  }) => {
    await open(page, base, topic);
    await rowsOf(page).first().click();
    const sheet = page.getByRole("dialog");
    await sheet.getByRole("region", { name: "Value" }).waitFor();
    holds(
      /\n {2}"/.test(
        await sheet.getByRole("region", { name: "Value" }).innerText(),
      ),
      "the JSON is indented",
    );
    const before = parameter(page, "record");
    holds(/^\d+:\d+$/.test(before), "the record is in the URL");
    await sheet.getByRole("button", { name: "Below" }).click();
    await until(
      "the next record is shown",
      () => parameter(page, "record") !== before,
    );
    await sheet.getByRole("radio", { name: "HEX" }).first().click();
    await sheet.getByText("00000000").first().waitFor();
    await page.keyboard.press("Escape");
    await until(
      "the record is closed",
      () => parameter(page, "record") === null,
    );
  },

  "follows new records, and stops while paused": async ({
    page,
    base,
    topic,
  }) => {
    await open(page, base, topic);
    await page.getByRole("button", { name: "Live tail" }).click();
    await page.getByText(/Following; [1-9]/).waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    const top = () => rowsOf(page).first().innerText();
    const before = await top();
    await page.getByText(/Paused; [1-9]/).waitFor();
    same(await top(), before, "the first row while paused");
    await page.getByRole("button", { name: "Resume" }).click();
    await until(
      "the waiting records are shown",
      async () => (await top()) !== before,
    );
  },

  "shows partitions and configuration": async ({ page, base, topic, get }) => {
    const { partition_list } = await get(`/topics/${topic}`);
    await open(page, base, topic);
    await page.getByRole("tab", { name: "Partitions" }).click();
    const table = page.getByRole("table", { name: "Partitions" });
    await table.waitFor();
    same(
      await table.locator("tbody tr").count(),
      partition_list.length,
      "one row per partition",
    );
    await page.getByRole("tab", { name: "Configuration" }).click();
    await page
      .getByRole("cell", { name: "retention.ms", exact: true })
      .waitFor();
  },

  "creates a topic, produces into it, and says why it cannot be created twice":
    async ({ page, base, expectFailures }) => {
      expectFailures();
      const name = `console-story-${Date.now()}`;
      const create = async () => {
        await page.goto(`${base}/topics`);
        await page.getByRole("button", { name: "Create topic" }).click();
        const dialog = page.getByRole("dialog");
        await dialog.getByLabel("Name").fill(name);
        await dialog.getByLabel("Partitions").fill("2");
        await dialog.getByRole("button", { name: "Create topic" }).click();
        return dialog;
      };
      try {
        await create();
        await page.getByRole("heading", { name, level: 1 }).waitFor();
        await page.getByText("This topic is empty").waitFor();
        await produceOne(page);
        const dialog = await create();
        await dialog.getByRole("alert").waitFor();
      } finally {
        await fetch(`${base}/api/v1/topics/${name}`, { method: "DELETE" });
      }
    },

  "a topic that does not exist is explained": async ({
    page,
    base,
    expectFailures,
  }) => {
    expectFailures();
    await open(page, base, "no-such-topic");
    await page.getByRole("alert").getByText("no-such-topic").waitFor();
  },
};
