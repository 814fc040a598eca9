// SPDX-License-Identifier: Apache-2.0
// One running tidemill with a folder and ports of its own.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "./verbs.mjs";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const PORTS = ["broker", "tables", "web"];

export async function startInstance(binary, project) {
  const data = await mkdtemp(join(tmpdir(), "tidemill-console-data-"));
  const args = ["up", ...(project ? [project] : []), "--data", data];
  for (const part of PORTS) args.push("--set", `${part}.port=0`);
  // TIDEMILL_ variables are options of the program; those of the test run are not.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !name.startsWith("TIDEMILL_"),
    ),
  );
  const child = spawn(binary, args, {
    cwd: ROOT,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (text) => (output += text));
  const ended = new Promise((done) => child.on("exit", done));

  const stop = async () => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await ended;
    clearTimeout(timer);
    await rm(data, { recursive: true, force: true });
  };
  try {
    const web = await until(
      "tidemill says that it is ready",
      async () => {
        if (child.exitCode !== null) return "ended";
        return (
          /ready in/.test(output) &&
          JSON.parse(await readFile(join(data, "ports.json"))).web
        );
      },
      60_000,
    );
    if (web === "ended") throw new Error("tidemill ended");
    return { url: `http://127.0.0.1:${web}`, stop, output: () => output };
  } catch (error) {
    await stop();
    throw new Error(`${error.message}; its output:\n${output.slice(-4000)}`);
  }
}
