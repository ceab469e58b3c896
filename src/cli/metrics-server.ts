import {once} from 'node:events';
import {createServer, type RequestListener} from 'node:http';
import type {AddressInfo} from 'node:net';
import {UsageError} from '../errors.js';
import {prometheusType} from '../output/prometheus.js';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:9464`, `[::1]:9464`, `localhost:9464`. Throws UsageError for what others could reach. */
export function parseListenAddress(text: string): ListenAddress {
  const [, host = '', port = ''] = /^(127(?:\.\d{1,3}){3}|\[::1\]|localhost):(\d{1,5})$/.exec(text) ?? [];
  if (host !== '' && Number(port) < 65_536) return {host: host.replaceAll(/[[\]]/g, ''), port: Number(port)};
  throw new UsageError(`"${text}" is no address of this machine alone`, {
    hint: 'like 127.0.0.1:9464; there is no login here, so what else may ask goes through a proxy of yours',
  });
}

export interface MetricsServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves `text()` at `/metrics`. Questions that come at once share one answer. Rejects with UsageError. */
export async function serveMetrics(
  address: ListenAddress,
  text: () => Promise<string>,
): Promise<MetricsServer> {
  const shared = sharing(text);
  const answer: RequestListener = (request, response) => {
    const [status, body] = whyNot(request.method, request.url);
    if (status !== 200) return void response.writeHead(status).end(`${body}\n`);
    shared().then(
      (metrics) => response.writeHead(200, {'content-type': prometheusType}).end(metrics),
      () => response.writeHead(503).end('the gates cannot be asked\n'),
    );
  };
  const server = createServer({requestTimeout: 10_000, maxHeaderSize: 8192}, answer);
  server.listen(address.port, address.host);
  await once(server, 'listening').catch((cause: unknown) => {
    throw new UsageError(`cannot listen on ${address.host}:${address.port}`, {hint: String(cause), cause});
  });
  const {port} = server.address() as AddressInfo; // of a TCP server that listens
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return {
    url: `http://${host}:${port}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function whyNot(method: string | undefined, url: string | undefined): readonly [number, string] {
  if (method !== 'GET' && method !== 'HEAD') return [405, 'only GET'];
  return url?.split('?')[0] === '/metrics' ? [200, ''] : [404, 'only /metrics'];
}

/** One work at a time; who asks meanwhile gets its result. */
function sharing<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => {
    running ??= work().finally(() => {
      running = undefined;
    });
    return running;
  };
}
