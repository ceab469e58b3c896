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

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

const manifestOf = async (): Promise<Manifest> => JSON.parse(await fs.readFile('package.json', 'utf8'));

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
      'dist/NOTICE',
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

  test('depends on exactly what the kits import; the program has the rest in it, with the licences', async () => {
    const {dependencies} = await manifestOf();
    const files = (await fs.readdir('dist/lib')).map((name) => path.join('dist/lib', name));
    const texts = await Promise.all(files.map((file) => fs.readFile(file, 'utf8')));
    const imports = texts.flatMap((text) =>
      [...text.matchAll(/(?:from |import\()"((?:@[^/"]+\/)?[^./"][^/"]*)/g)].map(([, name = '']) => name),
    );
    const packages = new Set(imports.filter((name) => !name.startsWith('node:')));
    expect(Object.keys(dependencies).sort()).toEqual([...packages].sort());
    const notice = await fs.readFile('dist/NOTICE', 'utf8');
    for (const name of ['commander', 'ink', 'react', 'cli-table3', 'nats', 'msgpackr'])
      expect(notice).toMatch(new RegExp(`^${name} [\\d.]+ \\([\\w-.]+\\)\\n\\n.*licen[cs]e`, 'ims'));
  });

  test('runs nothing when it is installed, and needs no compiler', async () => {
    const manifest = await manifestOf();
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
    const page = await fs.readFile(path.join(prefix, 'share/man/man1/gatectl.1'), 'utf8');
    expect(page).toContain('.TH');
    const installed = path.join(prefix, 'lib/node_modules/gatectl');
    for (const kit of ['gate', 'module', 'session']) {
      const script = `console.log(Object.keys(await import('gatectl/${kit}')).length > 0)`;
      const {stdout} = await run(process.execPath, ['--input-type=module', '-e', script], {cwd: installed});
      expect({kit, stdout}).toEqual({kit, stdout: 'true\n'});
    }
    expect((await fs.readdir(path.join(installed, 'node_modules'))).length).toBeLessThan(60);
  }, 180_000);

  test('runs from npx', async () => {
    const tarball = path.join(folder.path, packed.filename);
    const argv = ['exec', '--yes', '--prefer-offline', '--package', tarball, '--', 'gatectl', '--version'];
    const {stdout} = await run('npm', argv, {
      cwd: folder.path,
      env: {...cleanEnvironment(), npm_config_cache: path.join(folder.path, 'npx-cache')},
    });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  }, 180_000);
});
