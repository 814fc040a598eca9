// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { BytesView } from "./BytesView";

const shown = () => screen.getByRole("region", { name: "Value" }).textContent;
const modes = () => screen.queryAllByRole("radio").map((mode) => mode.textContent);

afterEach(cleanup);

describe("BytesView", () => {
  it("shows JSON indented, and as it came when asked to", () => {
    render(<BytesView label="Value" bytes={{ text: '{"id":9223372036854775807}' }} />);
    expect(shown()).toBe('{\n  "id": 9223372036854775807\n}');
    fireEvent.click(screen.getByRole("radio", { name: "TEXT" }));
    expect(shown()).toBe('{"id":9223372036854775807}');
    fireEvent.click(screen.getByRole("radio", { name: "HEX" }));
    expect(shown()).toMatch(/^00000000 {2}7b 22 69 64/);
  });

  it("offers only what the bytes can be", () => {
    const { rerender } = render(<BytesView label="Value" bytes={{ text: "plain" }} />);
    expect(modes()).toEqual(["TEXT", "HEX"]);
    rerender(<BytesView label="Value" bytes={{ base64: "AP8=" }} />);
    expect(modes()).toEqual([]);
    expect(shown()).toMatch(/^00000000 {2}00 ff/);
  });

  it("keeps the chosen form from record to record where it can", () => {
    const { rerender } = render(<BytesView label="Value" bytes={{ text: "{}" }} />);
    fireEvent.click(screen.getByRole("radio", { name: "HEX" }));
    rerender(<BytesView label="Value" bytes={{ text: "[]" }} />);
    expect(shown()).toMatch(/^00000000 {2}5b 5d/);
  });

  it("tells null, empty and missing text apart", () => {
    const { rerender } = render(<BytesView label="Value" bytes={null} />);
    expect(screen.getByText("null")).toBeTruthy();
    rerender(<BytesView label="Value" bytes={{ text: "" }} />);
    expect(screen.getByText("empty text")).toBeTruthy();
  });
});
