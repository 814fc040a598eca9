// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { bytesOf, hexDump, previewOf, sizeOf } from "./bytes";

describe("bytes", () => {
  it("counts bytes, not characters", () => {
    expect(sizeOf({ text: "\u00e4\u20ac" })).toBe(5);
    expect(sizeOf({ base64: "AP8=" })).toBe(2);
    expect(sizeOf({ base64: "AP//" })).toBe(3);
    expect(sizeOf(null)).toBe(0);
  });

  it("decodes base64 byte for byte", () => {
    expect([...bytesOf({ base64: "AP8=" })]).toEqual([0, 255]);
  });

  it("previews on one line and within the limit", () => {
    expect(previewOf({ text: '{\n  "a": 1\n}' })).toBe('{ "a": 1 }');
    expect(previewOf({ text: "x".repeat(1_000_000) }, 10)).toBe("xxxxxxxxxx\u2026");
    expect(previewOf({ base64: "AP8=" })).toBe("00 ff");
    expect(previewOf(null)).toBe("null");
  });

  it("dumps offset, hex and ASCII", () => {
    expect(hexDump(new TextEncoder().encode("Tidemill 0.1 ok\n!"))).toBe(
      "00000000  54 69 64 65 6d 69 6c 6c  20 30 2e 31 20 6f 6b 0a  Tidemill 0.1 ok.\n" +
        "00000010  21                                                !",
    );
  });

  it("says how much it left out", () => {
    expect(hexDump(new Uint8Array(40), 16)).toMatch(/\u2026 24 more bytes$/);
  });
});
