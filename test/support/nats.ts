import {readdir, readFile, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {type EmbeddedBus, startEmbeddedBus} from '../../src/embedded-bus/embedded-bus.js';
import {findProgram, requireServer, startServer, type TestServer} from './servers.js';

/**
 * A real nats-server on a port of its own; `conf` is text of a configuration file, in which `{folder}` is its own. A
 * function is asked at each start: a restart may have another configuration.
 */
export function startNats(
  conf: string | (() => string) = '',
  program = requireServer('nats-server'),
): Promise<TestServer> {
  return startServer({
    name: 'nats-server',
    logFile: 'log',
    url: (port) => `nats://127.0.0.1:${port}`,
    async command(folder, port) {
      const file = path.join(folder, 'nats.conf');
      const text = typeof conf === 'string' ? conf : conf();
      await writeFile(file, text.replaceAll('{folder}', folder));
      await removePortsFiles(folder);
      const listen = ['-a', '127.0.0.1', '-p', String(port), '--ports_file_dir', folder];
      return [program, '-c', file, ...listen, '-l', path.join(folder, 'log')];
    },
    async serves(folder, port) {
      const [file] = (await readdir(folder)).filter((name) => name.endsWith('.ports'));
      if (file === undefined) return false;
      return (await readFile(path.join(folder, file), 'utf8')).includes(`://127.0.0.1:${port}"`);
    },
  });
}

/** A server that was killed left its file behind. */
async function removePortsFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.endsWith('.ports')) await rm(path.join(folder, name));
  }
}

export interface TestBus extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** A NATS to test on: the real server where there is one, else our embedded bus. */
export async function startBus(): Promise<TestBus> {
  return findProgram('nats-server') === undefined && !process.env['CI']
    ? await startEmbedded()
    : await startNats();
}

/** Our embedded bus in the shape of a test server. */
export async function startEmbedded(port = 0): Promise<TestBus & {readonly bus: EmbeddedBus}> {
  const bus = await startEmbeddedBus({host: '127.0.0.1', port});
  const stop = () => bus.close();
  return {url: bus.url, port: bus.port, bus, stop, [Symbol.asyncDispose]: stop};
}
