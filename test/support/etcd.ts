import path from 'node:path';
import type {CertificateFiles} from './authority.js';
import {otherPorts, requireServer, startServer, type TestServer} from './servers.js';

export interface EtcdServerOptions {
  /** More flags. */
  readonly flags?: readonly string[];
  /** Over TLS with this certificate; clients need one of the authority where it is given. */
  readonly tls?: CertificateFiles & {readonly clientCa?: string};
}

/** A real etcd of one member; `url` is `http://127.0.0.1:<port>`, or https. */
export async function startEtcd({flags = [], tls}: EtcdServerOptions = {}): Promise<TestServer> {
  const program = requireServer('etcd');
  const scheme = tls === undefined ? 'http' : 'https';
  const others = otherPorts(['peer', 'metrics']);
  const secure = tls === undefined ? [] : ['--cert-file', tls.cert, '--key-file', tls.key];
  const mutual = tls?.clientCa === undefined ? [] : ['--client-cert-auth', '--trusted-ca-file', tls.clientCa];
  return await startServer({
    name: 'etcd',
    logFile: 'log',
    url: (port) => `${scheme}://127.0.0.1:${port}`,
    async command(folder, port) {
      const {metrics: metricsPort, peer: peerPort} = await others(port);
      const peer = `http://127.0.0.1:${peerPort}`;
      const client = `${scheme}://127.0.0.1:${port}`;
      const metrics = ['--listen-metrics-urls', `http://127.0.0.1:${metricsPort}`];
      const urls = ['--listen-client-urls', client, '--advertise-client-urls', client];
      const peers = ['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer];
      const cluster = ['--initial-cluster', `test=${peer}`];
      const files = ['--data-dir', path.join(folder, 'data'), '--log-outputs', path.join(folder, 'log')];
      const more = [...metrics, ...secure, ...mutual, ...flags];
      return [program, '--name', 'test', ...urls, ...peers, ...cluster, ...files, '--logger', 'zap', ...more];
    },
    async serves(_folder, port) {
      const response = await fetch(`http://127.0.0.1:${(await others(port)).metrics}/health`, {
        signal: AbortSignal.timeout(1000),
      });
      return ((await response.json()) as {readonly health: unknown}).health === 'true';
    },
  });
}
