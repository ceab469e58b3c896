import {mkdir} from 'node:fs/promises';
import path from 'node:path';
import type {Bus} from '../../src/bus/bus.js';
import {openStore} from '../../src/storage/open-store.js';
import type {RecordStore} from '../../src/storage/storage-handler.js';
import {startFerretDb} from './ferretdb.js';
import {startRedis} from './redis.js';
import {findProgram, type TestServer} from './servers.js';
import {temporaryFolder} from './temp.js';

/** A place for records that outlives gates, with the URL by which a gate opens it. */
export interface TestStore extends AsyncDisposable {
  readonly url: string;
  /** The server behind it, where there is one. */
  readonly server: TestServer | undefined;
  open(): Promise<RecordStore>;
}

const programs = {redis: 'redis-server', mongodb: 'ferretdb', jetstream: 'nats-server'} as const;

export type StoreKind = 'file' | keyof typeof programs;

/** Kinds whose servers are there; with CI set all of them. */
export const storeKinds: readonly StoreKind[] = (['file', 'redis', 'mongodb', 'jetstream'] as const).filter(
  (kind) => process.env['CI'] !== undefined || kind === 'file' || findProgram(programs[kind]) !== undefined,
);

/** For `jetstream` the NATS server of the test itself, started with JetStream, is the store's. */
export async function startStore(kind: StoreKind, nats: TestServer, bus: Bus): Promise<TestStore> {
  if (kind === 'file') {
    const folder = await temporaryFolder();
    const url = `file:${folder.path}/store`;
    await mkdir(path.join(folder.path, 'store'));
    return {url, server: undefined, open: () => openStore(url), [Symbol.asyncDispose]: folder.remove};
  }
  if (kind === 'jetstream') {
    const url = `jetstream://sessions`;
    return {url, server: nats, open: () => openStore(url, {bus}), async [Symbol.asyncDispose]() {}};
  }
  if (kind === 'mongodb') {
    const database = await startFerretDb();
    const url = `${database.url}/game`;
    const dispose = () => database[Symbol.asyncDispose]();
    return {url, server: database, open: () => openStore(url), [Symbol.asyncDispose]: dispose};
  }
  const server = await startRedis('--appendonly', 'yes', '--appendfsync', 'everysec');
  const url = `${server.url}/0`;
  return {
    url,
    server,
    open: () => openStore(url),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
