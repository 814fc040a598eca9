// SPDX-License-Identifier: Apache-2.0
// The same stories against console/dev/fake, to check the stories and the pages while there is no server at hand.
// It proves nothing about the server; run.mjs does.
import { startFake } from "../../../console/dev/fake/server.mjs";
import { runEmptyStories } from "./empty.mjs";
import { runStories } from "./run.mjs";

const wanted = process.argv.slice(2);
const fake = await startFake();
const result = await runStories(fake.url, wanted);
await fake.stop();
if (wanted.length === 0) {
  const bare = await startFake({ empty: true });
  const more = await runEmptyStories(bare.url);
  result.passed += more.passed;
  result.failed += more.failed;
  await bare.stop();
}
console.log(`${result.passed} passed, ${result.failed} failed`);
process.exit(result.failed > 0 || result.passed === 0 ? 1 : 0);
