import {type AddressInfo, createServer, type Socket} from 'node:net';

/** A server that takes every connection and never says a word; `asked` is how many of them said something. */
export async function startBlackHole(): Promise<
  AsyncDisposable & {readonly port: number; readonly asked: number}
> {
  let asked = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    socket.once('data', () => {
      asked += 1;
    });
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get asked() {
      return asked;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
