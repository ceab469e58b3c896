import {freePort, requireServer, startServer, type TestServer} from './servers.js';

/** A real consul agent that is a cluster of its own; `url` is `http://127.0.0.1:<port>`. */
export async function startConsul(): Promise<TestServer> {
  const program = requireServer('consul');
  const [server, lan, wan] = [await freePort(), await freePort(), await freePort()];
  return await startServer({
    name: 'consul',
    logFile: 'log',
    url: (port) => `http://127.0.0.1:${port}`,
    command(folder, port) {
      const ports = ['-server-port', `${server}`, '-serf-lan-port', `${lan}`, '-serf-wan-port', `${wan}`];
      const off = ['-dns-port', '-1', '-grpc-port', '-1'];
      const here = ['-bind', '127.0.0.1', '-client', '127.0.0.1', '-http-port', String(port)];
      return [program, 'agent', '-dev', ...here, ...ports, ...off, '-log-file', `${folder}/log`];
    },
    async listening(_folder, port) {
      const response = await fetch(`http://127.0.0.1:${port}/v1/status/leader`, {
        signal: AbortSignal.timeout(1000),
      });
      return ((await response.json()) as string) === '' ? undefined : port;
    },
  });
}
