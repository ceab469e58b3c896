import {writeFile} from 'node:fs/promises';
import {Redis} from 'ioredis';
import {describe, expect, test} from 'vitest';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {aSession} from '../../support/fake-gate.js';
import {startRedis} from '../../support/redis.js';
import {gatectl} from '../../support/run-cli.js';
import {temporaryFolder} from '../../support/temp.js';

describe('C8: a store that does not answer a write', () => {
  test('leaves its outcome unknown, with exit code 7', async () => {
    await using server = await startRedis();
    await using folder = await temporaryFolder();
    const store = `${server.url}/0`;
    const value = encodeSession(aSession({userId: 'smith'}));
    const line = {
      uid: 'smith',
      value: Buffer.from(value).toString('base64'),
      expiresAt: null,
      expiresKnown: true,
    };
    const file = `${folder.path}/records.jsonl`;
    await writeFile(file, `${JSON.stringify(line)}\n`);
    expect(await gatectl(`records import ${file} --offline --store ${store} --yes`)).toMatchObject({code: 0});
    const client = new Redis(store);
    await client.client('PAUSE', 60_000, 'WRITE');
    try {
      for (const words of [`delete smith`, `import ${file} --overwrite`]) {
        const {code, err} = await gatectl(`records ${words} --offline --yes --store ${store}`);
        expect(code, `${words}: ${err}`).toBe(7);
      }
    } finally {
      client.disconnect();
    }
  });
});
