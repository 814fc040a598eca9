// SPDX-License-Identifier: Apache-2.0
// A TCP relay in front of the server, so that a story can take the server away and give it back.
import { connect, createServer } from "node:net";

export async function startProxy(target) {
  const { hostname, port } = new URL(target);
  const open = new Set();
  let own;

  const accept = (client) => {
    const upstream = connect(Number(port), hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ]) {
      open.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        open.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  };

  let server = createServer(accept);
  const listen = (at) =>
    new Promise((done) => server.listen(at, "127.0.0.1", done));
  await listen(0);
  own = server.address().port;

  const cut = () => {
    const closed = new Promise((done) => server.close(done));
    for (const socket of open) socket.destroy();
    return closed;
  };
  return {
    url: `http://127.0.0.1:${own}`,
    cut,
    restore: () => {
      server = createServer(accept);
      return listen(own);
    },
    stop: () => (server.listening ? cut() : Promise.resolve()),
  };
}
