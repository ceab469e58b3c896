import {mkdtemp, readdir, readFile, rm, stat, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {NegativeError, UsageError} from '../../../../src/base/errors.js';
import {
  configFolder,
  openContextStore,
  parseContextName,
} from '../../../../src/cli/settings/context-store.js';

let folder = '';
beforeEach(async () => {
  folder = path.join(await mkdtemp(path.join(tmpdir(), 'gatectl-contexts-')), 'gatectl');
});
afterEach(() => rm(path.dirname(folder), {recursive: true}));

const modeOf = async (file: string) => (await stat(file)).mode & 0o777;

describe('the context store', () => {
  test('returns saved contexts, and none before', async () => {
    const store = openContextStore(folder);
    expect(await store.list()).toEqual([]);
    await store.save('prod', {server: 'nats://a:4222', readOnly: true});
    expect(await store.list()).toEqual(['prod']);
    expect(await store.read('prod')).toEqual({server: 'nats://a:4222', readOnly: true});
  });

  test('writes files that only their owner can read, and no temporary ones', async () => {
    const store = openContextStore(folder);
    await store.save('prod', {server: 'nats://a:4222'});
    await store.select('prod');
    expect(await modeOf(store.fileOf('prod'))).toBe(0o600);
    expect(await modeOf(path.dirname(store.fileOf('prod')))).toBe(0o700);
    expect(await modeOf(path.join(folder, 'context.txt'))).toBe(0o600);
    expect((await readdir(folder, {recursive: true})).sort()).toEqual([
      'context.txt',
      'contexts',
      'contexts/prod.json',
    ]);
  });

  test('selects a context, and clears the selection when it is removed', async () => {
    const store = openContextStore(folder);
    await store.save('a', {});
    await store.save('b', {});
    await store.select('a');
    expect(await store.selected()).toBe('a');
    await store.remove('b');
    expect(await store.selected()).toBe('a');
    await store.remove('a');
    expect(await store.selected()).toBeUndefined();
    await expect(store.remove('a')).rejects.toBeInstanceOf(NegativeError);
  });

  test('does not select a missing context', async () => {
    await expect(openContextStore(folder).select('gone')).rejects.toThrow('no context "gone"');
  });

  test('does not list files of other programs', async () => {
    const store = openContextStore(folder);
    await store.save('prod', {});
    await writeFile(path.join(folder, 'contexts', '.hidden.json'), '{}');
    await writeFile(path.join(folder, 'contexts', 'notes.txt'), '');
    expect(await store.list()).toEqual(['prod']);
  });

  test.each([
    ['', 'not JSON'],
    ['{"version":1', 'not JSON'],
    ['[]', 'not a JSON object'],
    ['null', 'not a JSON object'],
    ['{"server":"nats://a"}', 'expected version 1'],
    ['{"version":1,"server":4222}', '"server" is not a string'],
    ['{"version":1,"readOnly":"false"}', '"readOnly" is not a boolean'],
    ['{"version":1,"readonly":true}', 'a context has no "readonly"'],
    ['{"version":1,"read-only":true}', 'a context has no "read-only"'],
    ['{"version":1,"servers":"nats://a"}', 'a context has no "servers"'],
    ['{"version":1,"output":"json"}', 'a context has no "output"'],
    ['{"version":1,"password":"secret"}', 'a context has no "password"'],
  ])('a file that holds %j is refused with its path', async (text, fault) => {
    const store = openContextStore(folder);
    await store.save('bad', {});
    await writeFile(store.fileOf('bad'), text);
    const error = await store.read('bad').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UsageError);
    expect(String(error)).toContain(store.fileOf('bad'));
    expect(String(error)).toContain(fault);
  });

  test('ignores what a newer version may have written, and keeps it', async () => {
    const store = openContextStore(folder);
    await store.save('new', {});
    await writeFile(
      store.fileOf('new'),
      '{"version":1,"server":"nats://a","compressCalls":true,"color":"red"}',
    );
    expect(await store.read('new')).toEqual({server: 'nats://a'});
    await store.save('new', {server: 'nats://b'});
    expect(JSON.parse(await readFile(store.fileOf('new'), 'utf8'))).toEqual({
      ...{version: 1, server: 'nats://b', compressCalls: true, color: 'red'},
    });
  });

  test('refuses an invalid selection with the path of its file', async () => {
    const store = openContextStore(folder);
    await store.save('a', {});
    await writeFile(path.join(folder, 'context.txt'), '../../etc/passwd\n');
    await expect(store.selected()).rejects.toThrow(path.join(folder, 'context.txt'));
  });
});

test.each(['', '.', '..', '.hidden', 'a/b', '../../etc/passwd', 'a b', 'ü', 'a\n', 'x'.repeat(200)])(
  'a context cannot be called %j',
  (name) => expect(() => parseContextName(name)).toThrow(UsageError),
);

test('uses XDG_CONFIG_HOME, or ~/.config when that is unset or not absolute', () => {
  expect(configFolder({XDG_CONFIG_HOME: '/x'}, '/home/a')).toBe('/x/gatectl');
  expect(configFolder({}, '/home/a')).toBe('/home/a/.config/gatectl');
  expect(configFolder({XDG_CONFIG_HOME: 'x'}, '/home/a')).toBe('/home/a/.config/gatectl');
});
