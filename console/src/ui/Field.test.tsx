// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SearchField } from "./Field";

const field = () => screen.getByRole<HTMLInputElement>("searchbox");
const type = (value: string) => fireEvent.change(field(), { target: { value } });

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

describe("SearchField", () => {
  it("waits for a pause in typing", () => {
    const onCommit = vi.fn();
    render(<SearchField label="Filter" value="" onCommit={onCommit} />);
    type("a");
    act(() => vi.advanceTimersByTime(200));
    type("ab");
    act(() => vi.advanceTimersByTime(200));
    expect(onCommit).not.toHaveBeenCalled();
    act(() => vi.advanceTimersByTime(200));
    expect(onCommit.mock.calls).toEqual([["ab"]]);
  });

  it("does not wait after Enter, and clears with Escape", () => {
    const onCommit = vi.fn();
    render(<SearchField label="Filter" value="" onCommit={onCommit} />);
    type("ab");
    fireEvent.keyDown(field(), { key: "Enter" });
    fireEvent.keyDown(field(), { key: "Escape" });
    expect(onCommit.mock.calls).toEqual([["ab"], [""]]);
    expect(field().value).toBe("");
  });

  it("follows a value that changed elsewhere, without losing what is being typed", () => {
    const { rerender } = render(<SearchField label="Filter" value="old" onCommit={vi.fn()} />);
    type("typed");
    rerender(<SearchField label="Filter" value="old" onCommit={vi.fn()} />);
    expect(field().value).toBe("typed");
    rerender(<SearchField label="Filter" value="from the URL" onCommit={vi.fn()} />);
    expect(field().value).toBe("from the URL");
  });
});
