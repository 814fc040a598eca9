// SPDX-License-Identifier: Apache-2.0
// What `run` does: TIDEMILL is the binary to test.
import { runEmptyStories } from "./empty.mjs";
import { startInstance } from "./instance.mjs";
import { runStories } from "./run.mjs";

async function withInstance(project, play) {
  const instance = await startInstance(process.env.TIDEMILL, project);
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
