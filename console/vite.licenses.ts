// SPDX-License-Identifier: Apache-2.0
// The bundle holds code and fonts of others, whose licences ask to go along: collects them into licenses.txt.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

const PACKAGE = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//;

function licenseOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  const text = file ? readFileSync(join(folder, file), "utf8").trim() : `Licence: ${license}`;
  return `${name} ${version}\n\n${text}\n`;
}

export function licenses(fonts: string[]): Plugin {
  return {
    name: "tidemill-licenses",
    apply: "build",
    generateBundle(_options, bundle) {
      const folders = new Set(fonts);
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== "chunk") continue;
        for (const id of chunk.moduleIds) {
          const folder = PACKAGE.exec(id.replace(/^\0/, ""))?.[1];
          if (folder) folders.add(folder);
        }
      }
      const source = [...folders]
        .map(licenseOf)
        .sort()
        .join(`\n${"-".repeat(80)}\n\n`);
      this.emitFile({ type: "asset", fileName: "licenses.txt", source });
    },
  };
}
