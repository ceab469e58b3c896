import path from 'node:path';
import {freePort, requireServer, startServer, type TestServer} from './servers.js';

/** A real etcd of one member; `url` is `http://127.0.0.1:<port>`. */
export async function startEtcd(): Promise<TestServer> {
  const program = requireServer('etcd');
  const peerPort = await freePort();
  const peer = `http://127.0.0.1:${peerPort}`;
  return await startServer({
    name: 'etcd',
    logFile: 'log',
    url: (port) => `http://127.0.0.1:${port}`,
    command(folder, port) {
      const client = `http://127.0.0.1:${port}`;
      const urls = ['--listen-client-urls', client, '--advertise-client-urls', client];
      const peers = ['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer];
      const cluster = ['--initial-cluster', `test=${peer}`];
      const files = ['--data-dir', path.join(folder, 'data'), '--log-outputs', path.join(folder, 'log')];
      return [program, '--name', 'test', ...urls, ...peers, ...cluster, ...files, '--logger', 'zap'];
    },
    async listening(_folder, port) {
      const response = await fetch(`http://127.0.0.1:${port}/health`, {signal: AbortSignal.timeout(1000)});
      return ((await response.json()) as {readonly health: unknown}).health === 'true' ? port : undefined;
    },
  });
}
