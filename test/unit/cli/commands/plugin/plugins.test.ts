import {promises as fs} from 'node:fs';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {findPlugin} from '../../../../../src/cli/commands/plugin/find-plugin.js';
import {listPluginNames, listPlugins} from '../../../../../src/cli/commands/plugin/installed-plugins.js';
import {dangersIn, evilText} from '../../../../support/evil.js';
import {type CliWorld, gatectl} from '../../../../support/run-cli.js';
import {type TemporaryFolder, temporaryFolder} from '../../../../support/temp.js';

let folder: TemporaryFolder;
let env: Readonly<Record<string, string>>;

/** Creates a file in a folder of PATH. */
async function put(name: string, mode = 0o755): Promise<void> {
  await fs.mkdir(path.dirname(path.join(folder.path, name)), {recursive: true});
  await fs.writeFile(path.join(folder.path, name), '#!/bin/sh\n', {mode});
}

beforeAll(async () => {
  folder = await temporaryFolder();
  await put('first/gatectl-foo');
  await put('first/gatectl-foo-bar');
  await put('first/gatectl-night_shift');
  await put('first/gatectl-plain', 0o644);
  await put('first/gatectl-new\u001b[31m');
  await put('first/gatectl-dir/file');
  await put('second/gatectl-foo');
  await put('second/gatectl-plain');
  await put('second/gatectl-sessions');
  await put('second/gatectl-show');
  env = {
    PATH: [`${folder.path}/first`, `${folder.path}/missing`, 'relative', `${folder.path}/second`].join(':'),
  };
});
afterAll(async () => await folder.remove());

const isCommand = (word: string) => word === 'doctor';
const found = async (...line: string[]) => {
  const plugin = await findPlugin(line, env, 'linux');
  return plugin && [path.relative(folder.path, plugin.file), plugin.words];
};

describe('a plugin on PATH', () => {
  test.each<[string[], unknown]>([
    [
      ['foo', '--flag'],
      ['first/gatectl-foo', 1],
    ],
    [
      ['foo', 'bar', 'x'],
      ['first/gatectl-foo-bar', 2],
    ],
    [['foo-bar'], ['first/gatectl-foo-bar', 1]],
    [
      ['foo', '--x', 'bar'],
      ['first/gatectl-foo', 1],
    ],
    [['night-shift'], ['first/gatectl-night_shift', 1]],
    [['plain'], ['second/gatectl-plain', 1]],
    [['nothing'], undefined],
    [['dir'], undefined],
    [['../second/gatectl-foo'], undefined],
    [
      ['foo', '../bar'],
      ['first/gatectl-foo', 1],
    ],
    [[], undefined],
  ])('%j is found as %j', async (line, expected) => {
    expect(await found(...line)).toEqual(expected);
  });

  test('is never taken from the current folder', async () => {
    const relative = {PATH: `:.:${path.relative(process.cwd(), `${folder.path}/first`)}`};
    expect(await findPlugin(['foo'], relative, 'linux')).toBeUndefined();
    expect(await listPlugins({env: relative, platform: 'linux', isCommand})).toEqual([]);
  });

  test('is listed with the program that runs instead of it', async () => {
    const listed = await listPlugins({env, platform: 'linux', isCommand});
    const shown = listed.map(({name, file, executable, shadowedBy}) => [
      ...[name, path.relative(folder.path, file), executable],
      shadowedBy?.replace(`${folder.path}/`, ''),
    ]);
    expect(shown).toEqual([
      ['dir', 'first/gatectl-dir', false, undefined],
      ['foo', 'first/gatectl-foo', true, undefined],
      ['foo bar', 'first/gatectl-foo-bar', true, undefined],
      ['night-shift', 'first/gatectl-night_shift', true, undefined],
      ['plain', 'first/gatectl-plain', false, undefined],
      ['foo', 'second/gatectl-foo', true, 'first/gatectl-foo'],
      ['plain', 'second/gatectl-plain', true, undefined],
      ['sessions', 'second/gatectl-sessions', true, 'gatectl sessions'],
      ['show', 'second/gatectl-show', true, 'gatectl show'],
    ]);
  });

  test('is not listed when PATH takes too long to read', async () => {
    const folders = Array.from({length: 90}, (_, at) => `${folder.path}/missing/${at}`);
    const long = {PATH: [...folders, env['PATH']].join(':')};
    expect(await listPluginNames({env: long, platform: 'linux', isCommand}, 0)).toEqual([]);
  });
});

/** Runs a line whose plugins print what they were given. */
async function run(line: string, world: CliWorld = {}) {
  let given: unknown;
  const outcome = await gatectl(line, {
    ...world,
    env: {...env, ...world.env},
    runProgram: async (file, args, {GATECTL_SERVER, GATECTL_QUIET}) => {
      given = [path.basename(file), args, GATECTL_SERVER, GATECTL_QUIET];
      return 42;
    },
  });
  return {...outcome, given};
}

describe('a line that names a plugin', () => {
  test.each<[string, unknown]>([
    ['foo a --b=c', ['gatectl-foo', ['a', '--b=c'], undefined, undefined]],
    ['foo bar -q', ['gatectl-foo-bar', ['-q'], undefined, undefined]],
    ['-s nats://h -q foo x', ['gatectl-foo', ['x'], 'nats://h', 'true']],
    ['--server=nats://h foo --server y', ['gatectl-foo', ['--server', 'y'], 'nats://h', undefined]],
    ['help foo', ['gatectl-foo', ['--help'], undefined, undefined]],
  ])('%s runs the plugin', async (line, expected) => {
    expect(await run(line)).toEqual({code: 42, out: '', err: '', given: expected});
  });

  test.each(['sessions foo', 'show', 'version', 'help sessions', 'doctor --nothing'])(
    'is not %s, which is built in',
    async (line) => {
      expect((await run(line)).given).toBeUndefined();
    },
  );

  test.each<[string, string, string]>([
    ['fnd u42', 'unknown command "fnd"', 'did you mean: gatectl sessions find u42'],
    ['--bogus foo', 'unknown option "--bogus"', 'gatectl --help'],
    ['--context none foo', 'no context "none"', ''],
    ['--server nats://u:p@h foo', 'passwords and tokens are not accepted on the command line', ''],
  ])('%s fails with "%s"', async (line, message, hint) => {
    const {code, err, given} = await run(line);
    expect([code, given]).toEqual([2, undefined]);
    expect(err).toContain(message);
    expect(err).toContain(hint);
  });

  test('is named by help and completion', async () => {
    expect((await run('help')).out).toContain(
      'Plugins: foo, foo bar, night-shift, plain (gatectl plugin list)',
    );
    expect((await run('sessions list --help')).out).not.toContain('Plugins:');
    const completed = async (...words: string[]) =>
      (await gatectl(['__complete', 'zsh', '--', ...words], {env})).out;
    expect(await completed('fo')).toBe('foo\tplugin\n');
    expect(await completed('foo', 'b')).toBe('bar\tplugin\n');
    expect(await completed('foo', 'bar', 'x')).toBe(':files\n');
    expect(await completed('nothing', '')).toBe('');
  });

  test('plugin list escapes names of folders', async () => {
    await using evil = await temporaryFolder(`gatectl-${evilText.replaceAll(/[/:\0]/g, '')}`);
    await fs.writeFile(path.join(evil.path, 'gatectl-evil'), '');
    const {out} = await gatectl('plugin list -o tsv', {env: {PATH: evil.path}});
    expect(out).toContain('not executable');
    expect(dangersIn(out)).toEqual([]);
  });

  test('plugin list shows the state of each file', async () => {
    const {out} = await gatectl('plugin list -o tsv', {env});
    expect(out).toContain(
      `foo\t${folder.path}/second/gatectl-foo\tshadowed by ${folder.path}/first/gatectl-foo\n`,
    );
    expect(out).toContain(`plain\t${folder.path}/first/gatectl-plain\tnot executable\n`);
  });
});
