// SPDX-License-Identifier: Apache-2.0
// What `run` does: TIDEMILL is the binary to test, build/release/tidemill without it.
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { runEmptyStories } from "./empty.mjs";
import { startInstance } from "./instance.mjs";
import { runStories } from "./run.mjs";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const binary = resolve(root, process.env.TIDEMILL ?? "build/release/tidemill");

async function withInstance(project, play) {
  const instance = await startInstance(binary, project);
  try {
    return await play(instance.url);
  } catch (error) {
    console.log(`FAILED ${error.message}\n${instance.output().slice(-4000)}`);
    return { passed: 0, failed: 1 };
  } finally {
    await instance.stop();
  }
}

if (!process.env.TIDEMILL) {
  console.error(
    "TIDEMILL is not set: name the binary to test, e.g. build/release/tidemill",
  );
  process.exit(2);
}
let [passed, failed] = [0, 0];
for (const [project, play] of [
  ["examples/users", (url) => runStories(url)],
  [undefined, runEmptyStories],
]) {
  const result = await withInstance(project, play).catch((error) => {
    console.log(`FAILED ${error.message}`);
    return { passed: 0, failed: 1 };
  });
  passed += result.passed;
  failed += result.failed;
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
