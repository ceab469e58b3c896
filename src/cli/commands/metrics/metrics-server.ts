import {once} from 'node:events';
import {createServer, type IncomingMessage, type RequestListener} from 'node:http';
import type {AddressInfo} from 'node:net';
import {UsageError} from '../../../base/errors.js';
import {prometheusContentType} from '../../../output/formats/prometheus.js';
import {hostRefusalReason, parseRequestTarget} from './allowed-hosts.js';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Parses `127.0.0.1:9464`, `[::1]:9464` or `localhost:9464`. Throws UsageError for any other address. */
export function parseListenAddress(text: string): ListenAddress {
  const [, host = '', port = ''] = /^(127(?:\.\d{1,3}){3}|\[::1\]|localhost):(\d{1,5})$/.exec(text) ?? [];
  if (host !== '' && Number(port) < 65_536) return {host: host.replaceAll(/[[\]]/g, ''), port: Number(port)};
  throw new UsageError(
    `invalid address "${text}": expected a loopback address and port, such as 127.0.0.1:9464`,
    {
      hint: 'the endpoint has no login: to expose it, put a proxy in front of it',
    },
  );
}

interface Refusal {
  readonly status: number;
  readonly why: string;
}

export interface MetricsServer {
  readonly url: string;
  close(): Promise<void>;
}

interface MetricsServerOptions {
  readonly address: ListenAddress;
  /** Collects the metrics. Requests that arrive during a collection share its result. */
  readonly text: () => Promise<string>;
  /** Host names to accept besides those of the loopback interface. */
  readonly allowedHosts?: readonly string[] | undefined;
}

/** Serves `text()` at `/metrics`. Rejects with UsageError if it cannot listen on the address. */
export async function serveMetrics({
  address,
  text,
  allowedHosts = [],
}: MetricsServerOptions): Promise<MetricsServer> {
  const shared = sharedResult(text);
  const answer: RequestListener = (request, response) => {
    const refusal = refusalOf(request, allowedHosts);
    if (refusal !== undefined) return void response.writeHead(refusal.status).end(`${refusal.why}\n`);
    shared().then(
      (metrics) => response.writeHead(200, {'content-type': prometheusContentType}).end(metrics),
      () => response.writeHead(503).end('cannot reach the gates\n'),
    );
  };
  const server = createServer({requestTimeout: 10_000, maxHeaderSize: 8192}, answer);
  server.listen(address.port, address.host);
  await once(server, 'listening').catch((cause: unknown) => {
    throw new UsageError(`cannot listen on ${address.host}:${address.port}`, {hint: String(cause), cause});
  });
  const {port} = server.address() as AddressInfo; // always an AddressInfo for a listening TCP server
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

function refusalOf(request: IncomingMessage, allowedHosts: readonly string[]): Refusal | undefined {
  const target = parseRequestTarget(request.url ?? '');
  const foreign = hostRefusalReason(request, target.host, allowedHosts);
  if (foreign !== undefined) return {status: 403, why: foreign};
  if (request.method !== 'GET' && request.method !== 'HEAD') return {status: 405, why: 'only GET'};
  return target.path === '/metrics' ? undefined : {status: 404, why: 'only /metrics'};
}

/** Returns a function that runs one job at a time. Calls made during a run share its result. */
function sharedResult<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => {
    running ??= work().finally(() => {
      running = undefined;
    });
    return running;
  };
}
