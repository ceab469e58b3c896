import {execFile} from 'node:child_process';
import {promises as fs} from 'node:fs';
import path from 'node:path';
import {promisify} from 'node:util';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {cleanEnvironment} from '../support/run-cli.js';
import {type TemporaryFolder, temporaryFolder} from '../support/temp.js';

const run = promisify(execFile);
const npm = (args: readonly string[], cwd?: string) =>
  run('npm', [...args, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd,
    env: cleanEnvironment(),
    maxBuffer: 1 << 26,
  });

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly {readonly path: string}[];
}

describe('H20: the npm package', () => {
  let folder: TemporaryFolder;
  let packed: Packed;

  beforeAll(async () => {
    folder = await temporaryFolder();
    const {stdout} = await npm(['pack', '--json', '--pack-destination', folder.path]);
    [packed] = JSON.parse(stdout) as [Packed];
  });
  afterAll(() => folder?.remove());

  test('has the program, the kits and the documents, and nothing else', async () => {
    const names = packed.files.map((file) => file.path);
    for (const name of [
      'bin/gatectl.js',
      'dist/cli/pack.cjs',
      'dist/lib/gate.js',
      'dist/man/gatectl.1',
      'README.md',
      'LICENSE',
      'docs/operators.md',
    ])
      expect(names).toContain(name);
    const odd = names.filter(
      (name) =>
        !/^(?:bin|dist|docs|src\/addon)\/|^(?:README(?:\.[\w-]+)?\.md|LICENSE|CHANGELOG\.md|package\.json)$/.test(
          name,
        ),
    );
    expect(odd).toEqual([]);
    expect(
      names.filter((name) => /(?:^|\/)tests?\/|\.test\.|\.env|\.jsonl|\.old-|\.new-|\.cache$/.test(name)),
    ).toEqual([]);
    expect(packed.size).toBeLessThan(4_000_000);
  });

  test('runs nothing when it is installed, and needs no compiler', async () => {
    const manifest = JSON.parse(await fs.readFile('package.json', 'utf8')) as {
      readonly scripts: Readonly<Record<string, string>>;
      readonly bin: Readonly<Record<string, string>>;
    };
    for (const script of ['preinstall', 'install', 'postinstall'])
      expect(manifest.scripts).not.toHaveProperty(script);
    const program = await fs.readFile(manifest.bin['gatectl'] ?? '', 'utf8');
    expect(program.startsWith('#!/usr/bin/env node\n')).toBe(true);
  });

  test('installs into a clean prefix from the cache, without scripts, and works', async () => {
    const prefix = path.join(folder.path, 'prefix');
    const tarball = path.join(folder.path, packed.filename);
    await npm(
      ['install', '--global', '--prefix', prefix, '--prefer-offline', '--omit=dev', tarball],
      folder.path,
    );
    const program = path.join(prefix, 'bin', 'gatectl');
    const env = {...cleanEnvironment(), PATH: process.env['PATH'] ?? ''};
    const gatectl = async (...args: readonly string[]) =>
      (await run(program, [...args], {env, cwd: folder.path})).stdout;
    const {version} = JSON.parse(await fs.readFile('package.json', 'utf8'));
    expect(await gatectl('--version')).toBe(`${version}\n`);
    expect(await gatectl('sessions', 'list', '--help')).toContain('Examples:');
    expect(JSON.parse(await gatectl('decode', '0a0161', '-o', 'json'))).toBeTypeOf('object');
    expect(await gatectl('completion', 'bash')).toContain('complete -F');
    const tour = await gatectl('demo', '--clients', '10');
    expect(tour).toContain('sessions list');
  }, 180_000);
});
