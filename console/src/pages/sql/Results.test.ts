// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { toCsv } from "./Results";

it("writes CSV that others can read", () => {
  expect(
    toCsv({
      statement: "",
      columns: [
        { name: "a", type: "text" },
        { name: 'b "c"', type: "text" },
      ],
      rows: [
        ["x,y", 'say "hi"'],
        [null, "two\nlines"],
        [{ k: 1 }, 2.5],
      ],
    }),
  ).toBe('a,"b ""c"""\r\n"x,y","say ""hi"""\r\n,"two\nlines"\r\n"{""k"":1}",2.5');
});
