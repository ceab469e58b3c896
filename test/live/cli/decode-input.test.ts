import {execFile} from 'node:child_process';
import {mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {promisify} from 'node:util';
import {deflateSync, gzipSync} from 'node:zlib';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {newSession} from '../../../src/session/session.js';
import {cleanEnvironment, spawnGatectl} from '../../support/run-cli.js';
import {testWith} from '../../support/servers.js';
import {type TemporaryFolder, temporaryFolder} from '../../support/temp.js';

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(async () => {
  await folder.remove();
});

async function file(name: string, bytes: Uint8Array | string): Promise<string> {
  const whole = path.join(folder.path, name);
  await writeFile(whole, bytes);
  return whole;
}

describe('E10: malicious JSON', () => {
  test('rejects more than 16 MiB', async () => {
    const big = await file('big.json', `{"sessionId":"${'a'.repeat(17 * 1024 * 1024)}"}`);
    for (const verb of ['encode', 'decode']) {
      const {code, err} = await spawnGatectl([verb, '--file', big]);
      expect(code).toBe(2);
      expect(err).toContain('is larger than 16777216 bytes');
    }
  });

  test.each([
    ['100,000 arrays, one in the other', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['100,000 objects, one in the other', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
    ['NaN', '{"sessionId":NaN}'],
    ['a comment', '{"sessionId":"a"/*x*/}'],
    ['something after its end', '{"sessionId":"a"} x'],
  ])('rejects %s with one line', async (_, text) => {
    const {code, out, err} = await spawnGatectl(['encode', '--file', await file('bad.json', text)]);
    expect(code).toBe(9);
    expect(out).toBe('');
    expect(err).toMatch(/^error: /);
    expect(err).not.toMatch(/\n\s+at /);
  });

  test('accepts a byte order mark', async () => {
    const {code} = await spawnGatectl([
      'encode',
      '--file',
      await file('bom.json', '\ufeff{"sessionId":"a"}'),
    ]);
    expect(code).toBe(0);
  });

  test('rejects 100,000 nested arrays in decode', async () => {
    const deep = await file('deep.json', `${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    const {code, err} = await spawnGatectl(['decode', '--file', deep]);
    expect(code).toBe(9);
    expect(err).toMatch(/^error: .*(deep|nested)/);
  });
});

describe("E10: JSON that can't be read without loss", () => {
  const twice = '{"sessionId":"a","userId":"u1","userId":"u2"}';
  const rounded = '{"sessionId":"a","userId":12345678901234567890}';

  test.each([
    ['encode', twice, 'the key "userId" appears twice in one object, at byte 17 and again at byte 31'],
    ['decode', twice, 'the key "userId" appears twice in one object, at byte 17 and again at byte 31'],
    ['encode', rounded, 'the number 12345678901234567890 would be rounded at byte 26'],
    ['encode', '{"sessionId":"a","id":"b"}', 'sessionId and id differ'],
    ['encode', '{"room":"lobby"}', 'it has no field of a session, only "room"'],
  ])('%s rejects %s by name', async (verb, text, why) => {
    const {code, out, err} = await spawnGatectl([verb, '--file', await file('loss.json', text)]);
    expect({code, out}).toEqual({code: 9, out: ''});
    expect(err).toContain(why);
  });

  test('decode keeps the digits of a number that JavaScript would round', async () => {
    const text = '{"big":12345678901234567890,"exact":9007199254740992,"small":1e-400}';
    const {out} = await spawnGatectl(['decode', '-o', 'json', '--file', await file('big-number.json', text)]);
    const kept = {big: '12345678901234567890', exact: 9007199254740992, small: '1e-400'};
    expect(JSON.parse(out)).toMatchObject({value: kept});
  });

  test('a context and a gate config name a repeated key', async () => {
    const home = path.join(folder.path, 'config');
    await mkdir(path.join(home, 'gatectl', 'contexts'), {recursive: true});
    const context = path.join(home, 'gatectl', 'contexts', 'c.json');
    await writeFile(context, '{"version":1,"server":"nats://a","server":"nats://b"}');
    const shown = await spawnGatectl(['context', 'show', 'c'], {env: {XDG_CONFIG_HOME: home}});
    expect(shown.code).toBe(2);
    expect(shown.err).toContain('the key "server" appears twice');
    const config = await file('gate.json', '{"tcp":"127.0.0.1:0","tcp":"0.0.0.0:0"}');
    const run = await spawnGatectl(['gate', 'run', '--config', config]);
    expect(run.code).toBe(2);
    expect(run.err).toContain('the key "tcp" appears twice');
  });
});

describe('E13: compressed bytes', () => {
  test.each([
    ['gzip', gzipSync(Buffer.alloc(100 * 1024 * 1024))],
    ['zlib', deflateSync(Buffer.alloc(100 * 1024 * 1024))],
  ])('rejects a bomb of %s', async (name, bomb) => {
    const {code, err, ms} = await spawnGatectl(['decode', '--file', await file(`bomb.${name}`, bomb)]);
    expect(code).toBe(9);
    expect(err).toContain(`cannot decompress ${name} data: it decompresses to more than 16777216 bytes`);
    expect(ms).toBeLessThan(10_000);
  });
});

testWith('strace')(
  'E14: decode reads its file without network access',
  async () => {
    const whole = await file(
      'session',
      encodeSession(newSession({sessionId: '5f008e4b69780dc3', network: 'tcp', ip: '1.2.3.4:5'})),
    );
    const log = path.join(folder.path, 'strace');
    const argv = [
      '-f',
      '-e',
      'trace=socket,connect,sendto,openat',
      '-o',
      log,
      process.execPath,
      'bin/gatectl.js',
      'decode',
      '--file',
      whole,
    ];
    const {stdout} = await promisify(execFile)('strace', argv, {env: cleanEnvironment()});
    expect(stdout).toContain('5f008e4b69780dc3');
    const {readFile} = await import('node:fs/promises');
    const calls = (await readFile(log, 'utf8')).split('\n');
    expect(calls.filter((call) => /\b(?:socket|connect|sendto)\(/.test(call))).toEqual([]);
    const written = calls.filter(
      (call) => /openat\(.*O_(?:WRONLY|RDWR|CREAT)/.test(call) && !/\/dev\/|\/proc\//.test(call),
    );
    expect(written).toEqual([]);
    expect(calls.some((call) => call.includes(whole))).toBe(true);
  },
  60_000,
);
