import {createServer, type Server, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {gzipSync} from 'node:zlib';
import {afterEach, describe, expect, test} from 'vitest';
import {EtcdClient} from '../../../src/registry/http/etcd-client.js';
import {readBodyText} from '../../../src/registry/http/read-body-text.js';

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serving(answer: (response: ServerResponse) => void): Promise<string> {
  const started = createServer((_, response) => answer(response)).listen(0, '127.0.0.1');
  server = started;
  await new Promise((resolve) => started.once('listening', resolve));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}`;
}

/** Writes as fast as it is read. */
function pour(response: ServerResponse, chunk: Buffer): void {
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  more();
}

describe('D1: replies of a registry', () => {
  test('are read up to a limit after decompression', async () => {
    const url = await serving((response) => pour(response, Buffer.alloc(64 * 1024, 'a')));
    await expect(fetch(url).then((response) => readBodyText(response, 1_000_000))).rejects.toThrow(
      'its answer is larger than 1000000 bytes',
    );
    server?.closeAllConnections();
    const zipped = await serving((response) => {
      response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(2_000_000, 'a')));
    });
    await expect(fetch(zipped).then((response) => readBodyText(response, 1_000_000))).rejects.toThrow(
      'larger',
    );
  });

  test('end a watch of etcd without line ends at a limit', async () => {
    const url = await serving((response) => pour(response, Buffer.alloc(1024 * 1024, 'a')));
    const gateway = new EtcdClient({endpoints: [url], timeoutMs: 2000});
    const watch = gateway.watch('/x', 1, new AbortController().signal);
    await expect(watch.next()).rejects.toThrow(/line 1 of the watch of .* is longer than 67108864 bytes/);
  });
});
