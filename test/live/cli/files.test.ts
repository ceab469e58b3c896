import {execFileSync} from 'node:child_process';
import {promises as fs} from 'node:fs';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {resolveLinkTarget} from '../../../src/base/files/link-target.js';
import {writePrivateFile} from '../../../src/base/files/private-files.js';
import {saveSnapshot} from '../../../src/cluster/snapshot/save-snapshot.js';
import {FileStore} from '../../../src/storage/file/file-store.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {cleanEnvironment, fakeCluster, spawnGatectl} from '../../support/run-cli.js';
import {type TemporaryFolder, temporaryFolder} from '../../support/temp.js';

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

const inFolder = (...names: readonly string[]): string => path.join(folder.path, ...names);
const run = (...argv: readonly string[]) =>
  spawnGatectl(argv, {env: {XDG_CONFIG_HOME: inFolder('config'), XDG_STATE_HOME: inFolder('state')}});
const isLink = async (file: string): Promise<boolean> => (await fs.lstat(file)).isSymbolicLink();

describe('C9: symbolic links stay links, and their targets are written', () => {
  test('a context and the selected one, with and without existing targets', async () => {
    const contexts = inFolder('config/gatectl/contexts');
    await fs.mkdir(contexts, {recursive: true});
    await fs.mkdir(inFolder('dotfiles'));
    await fs.writeFile(inFolder('dotfiles/prod.json'), '{"version":1,"server":"nats://a"}');
    await fs.symlink(inFolder('dotfiles/prod.json'), path.join(contexts, 'prod.json'));
    await fs.symlink('../../../dotfiles/new.json', path.join(contexts, 'new.json'));
    await fs.symlink(inFolder('dotfiles/selected'), inFolder('config/gatectl/context.txt'));
    expect((await run('context', 'edit', 'prod', '--timeout', '5s')).code).toBe(0);
    expect(await isLink(path.join(contexts, 'prod.json'))).toBe(true);
    expect(JSON.parse(await fs.readFile(inFolder('dotfiles/prod.json'), 'utf8'))).toMatchObject({
      timeout: '5s',
    });
    expect((await run('context', 'use', 'prod')).code).toBe(0);
    expect(await fs.readFile(inFolder('dotfiles/selected'), 'utf8')).toBe('prod\n');
    await writePrivateFile(path.join(contexts, 'new.json'), '{}');
    expect(await isLink(path.join(contexts, 'new.json'))).toBe(true);
    expect((await fs.readdir(inFolder('dotfiles'))).sort()).toEqual(['new.json', 'prod.json', 'selected']);
  });

  test('a snapshot: through a link or a dangling link, never over a device', async () => {
    const cluster = fakeCluster([new FakeGate('Gate@a', [aRow()])]);
    const save = (file: string, overwrite: boolean) =>
      saveSnapshot(cluster, {file, overwrite, context: null, toJson: JSON.stringify, now: () => 0});
    await fs.writeFile(inFolder('target.jsonl'), 'old');
    await fs.symlink(inFolder('target.jsonl'), inFolder('link.jsonl'));
    await save(inFolder('link.jsonl'), true);
    expect(await isLink(inFolder('link.jsonl'))).toBe(true);
    expect(await fs.readFile(inFolder('target.jsonl'), 'utf8')).toContain('"snapshot"');
    await fs.symlink(inFolder('later.jsonl'), inFolder('hanging.jsonl'));
    await save(inFolder('hanging.jsonl'), false);
    expect(await fs.readFile(inFolder('later.jsonl'), 'utf8')).toContain('"snapshot"');
    await fs.mkdir(inFolder('folder'));
    await expect(save(inFolder('folder'), true)).rejects.toThrow('is not a regular file');
  });

  test('a record of a file store', async () => {
    const store = await FileStore.open(inFolder('store'));
    await store.put('u1', Buffer.from('one'));
    const [name = ''] = await fs.readdir(inFolder('store'));
    await fs.rename(inFolder('store', name), inFolder('elsewhere'));
    await fs.symlink(inFolder('elsewhere'), inFolder('store', name));
    await store.put('u1', Buffer.from('two'));
    expect(await fs.readFile(inFolder('elsewhere'), 'utf8')).toBe('two');
    expect(await isLink(inFolder('store', name))).toBe(true);
  });

  test('rejects circular links', async () => {
    await fs.symlink('b', inFolder('a'));
    await fs.symlink('a', inFolder('b'));
    await expect(resolveLinkTarget(inFolder('a'))).rejects.toMatchObject({code: 'ELOOP'});
  });
});

describe('C9: a broken file does not hide the others', () => {
  test('of contexts', async () => {
    const contexts = inFolder('broken/gatectl/contexts');
    await fs.mkdir(path.join(contexts, 'folder.json'), {recursive: true});
    await fs.writeFile(path.join(contexts, 'good.json'), '{"version":1,"server":"nats://a"}');
    await fs.writeFile(path.join(contexts, 'cut.json'), '{"version":1,');
    await fs.writeFile(path.join(contexts, 'old.json'), '{"version":0}');
    await fs.symlink('/nowhere', path.join(contexts, 'hanging.json'));
    execFileSync('mkfifo', [path.join(contexts, 'pipe.json')]);
    await fs.writeFile(inFolder('broken/gatectl/context.txt'), '../x');
    const env = {XDG_CONFIG_HOME: inFolder('broken')};
    const {code, out, err} = await spawnGatectl(['context', 'list', '-o', 'json'], {env});
    const rows = JSON.parse(out).items as readonly {readonly name: string; readonly fault: string | null}[];
    expect(code).toBe(0);
    expect(rows.map(({name, fault}) => [name, fault !== null])).toEqual([
      ['cut', true],
      ['folder', true],
      ['good', false],
      ['hanging', true],
      ['old', true],
      ['pipe', true],
    ]);
    expect(err).toContain('cut.json');
    const imported = await spawnGatectl(['context', 'show', 'good', '-o', 'tsv'], {env});
    expect(imported.out).toContain('nats://a');
  });

  test('of snapshots', async () => {
    const snapshots = inFolder('state/gatectl/snapshots');
    await fs.mkdir(path.join(snapshots, 'folder.jsonl'), {recursive: true});
    await fs.writeFile(path.join(snapshots, 'cut.jsonl.gz'), Buffer.from([0x1f, 0x8b, 8, 0, 0]));
    await fs.writeFile(path.join(snapshots, 'empty.jsonl'), '');
    await fs.symlink('/nowhere', path.join(snapshots, 'hanging.jsonl'));
    const cluster = fakeCluster([new FakeGate('Gate@a', [aRow()])]);
    const about = {context: null, toJson: JSON.stringify, now: () => 0, overwrite: false};
    await saveSnapshot(cluster, {...about, file: path.join(snapshots, 'good.jsonl')});
    const {code, out} = await run('snapshot', 'list', '-o', 'json');
    const rows = JSON.parse(out).items as readonly {readonly name: string; readonly fault: string | null}[];
    expect(code).toBe(0);
    expect(rows.filter(({fault}) => fault === null).map(({name}) => name)).toEqual(['good.jsonl']);
    expect(rows).toHaveLength(5);
  });
});

describe('C9: an empty or relative HOME', () => {
  test.each(['', 'rel'])('HOME=%j writes nothing into the current folder', async (home) => {
    const {XDG_CONFIG_HOME: _, XDG_STATE_HOME: _state, ...env} = cleanEnvironment();
    const before = await fs.readdir('.');
    const {code} = await spawnGatectl(['context', 'list'], {env: {...env, HOME: home}});
    expect(code).toBe(0);
    expect(await fs.readdir('.')).toEqual(before);
  });

  test('reads work and writes fail with a config or state folder below a file', async () => {
    await fs.writeFile(inFolder('file'), '');
    const env = {XDG_CONFIG_HOME: inFolder('file'), XDG_STATE_HOME: inFolder('file')};
    expect((await spawnGatectl(['context', 'list'], {env})).code).toBe(0);
    const {code, err} = await spawnGatectl(['context', 'add', 'x', '--server', 'nats://h'], {env});
    expect({code, err}).toEqual({code: 74, err: expect.stringContaining('ENOTDIR')});
  });
});
