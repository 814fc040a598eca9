// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { DataTable, type DataColumn } from "./DataTable";

interface Row {
  name: string;
  size: number | null;
}

const rows: Row[] = [
  { name: "part-10", size: 5 },
  { name: "part-9", size: null },
  { name: "part-2", size: 40 },
];
const columns: DataColumn<Row>[] = [
  { id: "name", title: "Name", cell: (r) => r.name, sort: (r) => r.name },
  { id: "size", title: "Size", cell: (r) => r.size ?? "none", sort: (r) => r.size, numeric: true },
  { id: "free", title: "Free", cell: () => "x" },
];

const show = (sort?: string, onSort = vi.fn()) => {
  render(
    <DataTable
      label="Things"
      rows={rows}
      rowKey={(r) => r.name}
      columns={columns}
      sort={sort}
      onSort={onSort}
    />,
  );
  return onSort;
};
const names = () =>
  screen
    .getAllByRole("row")
    .slice(1)
    .map((row) => row.querySelector("td")?.textContent);

afterEach(cleanup);

describe("DataTable", () => {
  it("keeps the given order when no column is chosen", () => {
    show();
    expect(names()).toEqual(["part-10", "part-9", "part-2"]);
  });

  it("orders names as people count, not as characters", () => {
    show("name");
    expect(names()).toEqual(["part-2", "part-9", "part-10"]);
  });

  it("orders numbers by value, nothing being the least", () => {
    show("-size");
    expect(names()).toEqual(["part-2", "part-10", "part-9"]);
  });

  it("says the order to assistive technology", () => {
    show("-size");
    expect(screen.getByRole("columnheader", { name: "Size" }).getAttribute("aria-sort")).toBe(
      "descending",
    );
  });

  it("asks for descending first on numbers and turns the active column round", () => {
    const onSort = show("-size");
    fireEvent.click(screen.getByRole("button", { name: "Size" }));
    fireEvent.click(screen.getByRole("button", { name: "Name" }));
    expect(onSort.mock.calls).toEqual([["size"], ["name"]]);
  });

  it("offers no button on a column without an order", () => {
    show();
    expect(screen.queryByRole("button", { name: "Free" })).toBeNull();
  });
});
