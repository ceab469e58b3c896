import {findNatsServer, startNatsServer} from './nats-server.js';

/** The bus of a dev cluster. `close` stops it if it was started here. */
export interface DevBus {
  readonly url: string;
  readonly kind: 'given' | 'nats-server' | 'embedded bus';
  close(): Promise<void>;
}

interface DevBusOptions {
  readonly server?: string | undefined;
  readonly natsServer?: string | undefined;
  readonly embeddedBus?: boolean | undefined;
  readonly path: string;
}

/**
 * Opens the given server, else starts an installed `nats-server`, else the embedded bus, so Node.js is
 * enough.
 */
export async function openDevBus(options: DevBusOptions): Promise<DevBus> {
  if (options.server !== undefined) return {url: options.server, kind: 'given', close: async () => {}};
  const program = options.embeddedBus
    ? undefined
    : (options.natsServer ?? (await findNatsServer(options.path)));
  if (program === undefined) return startEmbedded();
  const server = await startNatsServer(program);
  return {url: server.url, kind: 'nats-server', close: () => server.stop()};
}

async function startEmbedded(): Promise<DevBus> {
  const {startEmbeddedBus} = await import('../embedded-bus/server.js');
  const bus = await startEmbeddedBus({});
  return {url: bus.url, kind: 'embedded bus', close: () => bus.close()};
}
