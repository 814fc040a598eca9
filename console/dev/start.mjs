// SPDX-License-Identifier: Apache-2.0
// npm run dev:fake: the pretend server and Vite's development server in front of it.
import { createServer } from "vite";
import { startFake } from "./fake/server.mjs";

const fake = await startFake({ empty: process.argv.includes("--empty") });
process.env.TIDEMILL_URL = fake.url;
const vite = await createServer();
await vite.listen();
vite.printUrls();
