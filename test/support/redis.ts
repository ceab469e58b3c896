import {connect} from 'node:net';
import path from 'node:path';
import {requireServer, startServer, type TestServer} from './servers.js';

/** A real Redis without persistence; `url` is `redis://127.0.0.1:<port>`. */
export async function startRedis(...settings: readonly string[]): Promise<TestServer> {
  const program = requireServer('redis-server');
  return await startServer({
    name: 'redis-server',
    logFile: 'log',
    url: (port) => `redis://127.0.0.1:${port}`,
    command(folder, port) {
      const listen = ['--bind', '127.0.0.1', '--port', String(port)];
      const files = ['--dir', folder, '--logfile', path.join(folder, 'log'), '--save', ''];
      return [program, ...listen, ...files, ...settings];
    },
    serves: (_folder, port) => answers(port),
  });
}

/** Anything said to PING will do: with a password set the word is an error. */
export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({host: '127.0.0.1', port}, () => socket.write('PING\r\n'));
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1000, () => done(false));
    socket.once('error', () => done(false));
    socket.once('data', () => done(true));
  });
}
