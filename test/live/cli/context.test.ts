import {promises as fs} from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {spawnGatectl} from '../../support/run-cli.js';
import {temporaryFolder} from '../../support/temp.js';

test('C05: adds, changes, selects and uses a context, and rejects secrets', async () => {
  await using folder = await temporaryFolder();
  const run = (...argv: readonly string[]) =>
    spawnGatectl(['context', ...argv], {env: {XDG_CONFIG_HOME: folder.path}});
  expect((await run('add', 'prod', '--server', 'nats://127.0.0.1:1', '--require-reason')).code).toBe(0);
  const file = path.join(folder.path, 'gatectl', 'contexts', 'prod.json');
  expect(JSON.parse(await fs.readFile(file, 'utf8'))).toEqual({
    version: 1,
    server: 'nats://127.0.0.1:1',
    requireReason: true,
  });
  expect((await fs.stat(file)).mode & 0o777).toBe(0o600);
  expect((await run('add', 'prod', '--server', 'nats://127.0.0.1:2')).err).toContain(
    'cannot add context "prod": it already exists',
  );
  expect((await run('edit', 'prod', '--timeout', '5s', '--read-only')).code).toBe(0);
  expect((await run('use', 'prod')).code).toBe(0);
  const {items} = JSON.parse((await run('show', '--server', 'nats://127.0.0.1:3', '-o', 'json')).out);
  expect(items).toEqual(
    expect.arrayContaining([
      {name: 'server', value: 'nats://127.0.0.1:3', origin: '--server'},
      {name: 'timeoutMs', value: '5000', origin: 'context "prod"'},
      {name: 'requireReason', value: 'true', origin: 'context "prod"'},
    ]),
  );
  for (const [words, fault] of [
    [['add', 'x'], 'missing connection flags'],
    [
      ['add', 'x', '--server', 'nats://op:secret@127.0.0.1'],
      '--server: passwords and tokens are not accepted on the command line',
    ],
    [['add', 'x', '--server', 'nats://127.0.0.1', '--token-file', '-'], 'cannot read a secret from stdin'],
    [['add', 'x', '--timeout', 'soon'], 'invalid duration "soon"'],
    [['edit', 'nobody', '--timeout', '5s'], 'no context "nobody"'],
  ] as const) {
    const {code, err} = await run(...words);
    expect({words, code, err}).toEqual({words, code: 2, err: expect.stringContaining(fault)});
    expect(err).not.toContain('secret@');
  }
  expect((await run('add', 'rel', '--creds', 'a.creds')).code).toBe(0);
  expect((await run('show', 'rel', '-o', 'tsv')).out).toContain(`creds\t${path.resolve('a.creds')}\t`);
  expect((await run('list', '-o', 'ids')).out).toBe('prod\nrel\n');
});
