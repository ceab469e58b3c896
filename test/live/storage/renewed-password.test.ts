import {promises as fs, readFileSync} from 'node:fs';
import path from 'node:path';
import {Redis} from 'ioredis';
import {expect, test} from 'vitest';
import {PermissionError} from '../../../src/base/errors.js';
import {openStore} from '../../../src/storage/open-store.js';
import type {RecordStore} from '../../../src/storage/storage-handler.js';
import {until} from '../../support/poll.js';
import {startRedis} from '../../support/redis.js';
import {describeWith} from '../../support/servers.js';
import {temporaryFolder} from '../../support/temp.js';

/** Opens a store whose password stands in a file, and says how to write another one into it. */
type Open = (
  address: string,
  file: string,
) => Promise<{store: RecordStore; write(text: string): Promise<void>}>;

const byParameter: Open = async (address, file) => {
  const write = (text: string) => fs.writeFile(file, `${text}\n`);
  await write('be/fore@');
  return {store: await openStore(`redis://${address}/0?password-file=${file}`), write};
};

const byConfig: Open = async (address, file) => {
  const url = (text: string) => `redis://:${encodeURIComponent(text)}@${address}/0`;
  const current = () => JSON.parse(readFileSync(file, 'utf8')).store as string;
  const write = (text: string) => fs.writeFile(file, JSON.stringify({store: url(text)}));
  await write('be/fore@');
  return {store: await openStore(url('be/fore@'), {current}), write};
};

describeWith('redis-server')('B1: a changed password of Redis', () => {
  test.each([
    ['password-file', byParameter],
    ['a config file', byConfig],
  ] as const)('is reread from %s for each connection', async (_name, open) => {
    await using redis = await startRedis('--requirepass', 'be/fore@');
    await using folder = await temporaryFolder();
    const address = `127.0.0.1:${redis.port}`;
    const {store, write} = await open(address, path.join(folder.path, 'secret'));
    await store.put('u1', Buffer.from([1]));
    const admin = new Redis(redis.port, {password: 'be/fore@'});
    await admin.config('SET', 'requirepass', 'after');
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    const refused = () =>
      store.get('u1').then(
        () => false,
        (error: unknown) => error instanceof PermissionError,
      );
    await until(refused, {what: 'the refusal'});
    await write('after');
    const renewed = performance.now();
    await until(() => store.get('u1'), {what: 'the store to be back'});
    expect(performance.now() - renewed).toBeLessThan(5000);
    await store.close();
    admin.disconnect();
  });
});
