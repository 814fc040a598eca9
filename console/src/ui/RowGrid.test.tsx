// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { RowGrid, rowKeys } from "./RowGrid";

const columns = [
  { name: "id", type: "text" },
  { name: "n", type: "bigint" },
];
const fresh = (container: HTMLElement) =>
  [...container.querySelectorAll(".row-arrived")].map((row) => row.textContent);

afterEach(cleanup);

describe("RowGrid", () => {
  it("tells null from the text null", () => {
    render(<RowGrid label="R" columns={columns} rows={[[null, "null"]]} />);
    const [first, second] = screen.getAllByRole("cell");
    expect(first?.querySelector("em")).not.toBeNull();
    expect(second?.querySelector("em")).toBeNull();
  });

  it("shows values of any type as text", () => {
    render(<RowGrid label="R" columns={columns} rows={[[{ a: 1 }, true]]} />);
    expect(screen.getAllByRole("cell").map((c) => c.textContent)).toEqual(['{"a":1}', "true"]);
  });

  it("marks only rows that arrived, not those that moved down", () => {
    const grid = (...ids: string[]) => (
      <RowGrid label="R" columns={columns} rows={ids.map((id) => [id, "1"])} markNew />
    );
    const { container, rerender } = render(grid("a", "b"));
    expect(fresh(container)).toEqual([]);
    rerender(grid("c", "a", "b"));
    expect(fresh(container)).toEqual(["c1"]);
  });

  it("marks nothing when nearly everything is new", () => {
    const grid = (...ids: string[]) => (
      <RowGrid label="R" columns={columns} rows={ids.map((id) => [id, "1"])} markNew />
    );
    const { container, rerender } = render(grid("a", "b"));
    rerender(grid("d", "c", "a"));
    expect(fresh(container)).toEqual([]);
  });

  it("gives equal rows different keys", () => {
    const keys = rowKeys([["a"], ["a"], ["a", null]]);
    expect(new Set(keys).size).toBe(3);
  });
});
