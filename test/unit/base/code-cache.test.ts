import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {Script} from 'node:vm';
import {buildSync} from 'esbuild';
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {CompiledCodeCache} from '../../../src/base/code-cache.js';
import {type TemporaryFolder, temporaryFolder} from '../../support/temp.js';

let folder: TemporaryFolder;
let source: string;
let cacheFile: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  source = path.join(folder.path, 'program.cjs');
  cacheFile = path.join(folder.path, 'cache', 'gatectl', 'decode');
  fs.writeFileSync(source, program('honest'));
});
afterEach(() => folder.remove());

/** All of one length, since V8 itself notices another length. */
const program = (word: string): string => `(() => ({word: (() => '${word.padEnd(8)}')()}))()`;

let tools: TemporaryFolder;
let runner: string;
beforeAll(async () => {
  tools = await temporaryFolder();
  runner = path.join(tools.path, 'run.cjs');
  const contents = `
    import {CompiledCodeCache} from './src/base/code-cache.ts';
    const [cacheFile, ...sources] = process.argv.slice(2);
    const cache = new CompiledCodeCache(cacheFile);
    for (const source of sources) process.stdout.write(cache.evaluate(source).word);
    cache.save();`;
  const stdin = {contents, resolveDir: '.'};
  buildSync({stdin, outfile: runner, bundle: true, format: 'cjs', platform: 'node'});
});
afterAll(() => tools?.remove());

/** In a process of its own: within one, V8 remembers what it compiled and asks no cache. */
function run(...sources: readonly string[]): string {
  const args = [runner, cacheFile, ...(sources.length === 0 ? [source] : sources)];
  return execFileSync(process.execPath, args, {encoding: 'utf8'}).trim();
}

/** Replaces the code in the cache by that of another program, as a forger with all rights of the user would. */
function forge(word: string): void {
  const bytes = fs.readFileSync(cacheFile);
  const [entry] = JSON.parse(bytes.toString('latin1', 0, bytes.indexOf('\n')));
  const script = new Script(program(word), {filename: source});
  script.runInThisContext();
  const code = script.createCachedData();
  const table = JSON.stringify([{...entry, bytes: code.length}]);
  fs.writeFileSync(cacheFile, Buffer.concat([Buffer.from(`${table}\n`), code]));
}

describe("D6: V8's compiled code", () => {
  test('is written once and used by later runs', () => {
    expect(run()).toBe('honest');
    const {ino} = fs.statSync(cacheFile);
    forge('forged'); // the proof that it is used, and that the tests below would see it
    expect(run()).toBe('forged');
    expect(fs.statSync(cacheFile).ino).toBe(ino);
  });

  test('is dropped after an edit that keeps length and time', () => {
    run();
    const {atime, mtime} = fs.statSync(source);
    fs.writeFileSync(source, program('edited'));
    fs.utimesSync(source, atime, mtime);
    expect(run()).toBe('edited');
    expect(run()).toBe('edited');
  });

  test('is dropped after a replacement of the same length and time', () => {
    run();
    const {atime, mtime} = fs.statSync(source);
    fs.writeFileSync(`${source}.new`, program('replaced'));
    fs.renameSync(`${source}.new`, source);
    fs.utimesSync(source, atime, mtime);
    expect(run()).toBe('replaced');
  });

  test.each([
    ['in a folder that others can look into', () => fs.chmodSync(path.dirname(cacheFile), 0o755)],
    ['in a folder that others can write to', () => fs.chmodSync(path.dirname(cacheFile), 0o770)],
    ['in a file that others can write to', () => fs.chmodSync(cacheFile, 0o620)],
    [
      'behind a link to a file',
      () => {
        fs.renameSync(cacheFile, `${cacheFile}.real`);
        fs.symlinkSync(`${cacheFile}.real`, cacheFile);
      },
    ],
    [
      'behind a link to a folder',
      () => {
        const real = `${path.dirname(cacheFile)}.real`;
        fs.renameSync(path.dirname(cacheFile), real);
        fs.symlinkSync(real, path.dirname(cacheFile));
      },
    ],
  ])('is not trusted %s', (_, expose) => {
    run();
    forge('forged');
    expose();
    expect(run()).toBe('honest');
  });

  test.skipIf(process.getuid?.() !== 0)('is not trusted if another user owns it', () => {
    run();
    forge('forged');
    fs.chownSync(cacheFile, 65534, 65534);
    expect(run()).toBe('honest');
    forge('forged');
    fs.chownSync(path.dirname(cacheFile), 65534, 65534);
    expect(run()).toBe('honest');
  });

  test.each([
    ['empty', (whole: Buffer) => whole.subarray(0, 0)],
    ['cut', (whole: Buffer) => whole.subarray(0, whole.length - 100)],
    ['longer', (whole: Buffer) => Buffer.concat([whole, whole])],
    ['of another program', () => Buffer.from('no table of contents\n')],
    ['text', () => Buffer.from('{"file": 1}\n')],
  ])('is rewritten when the cache is %s', (_, damage) => {
    run();
    const whole = fs.readFileSync(cacheFile);
    fs.writeFileSync(cacheFile, damage(whole));
    expect(run()).toBe('honest');
    expect(fs.readFileSync(cacheFile).length).toBe(whole.length);
  });

  test('keeps entries that a run did not need while their files exist', () => {
    const other = path.join(folder.path, 'other.cjs');
    fs.writeFileSync(other, program('other'));
    expect(run(source, other)).toContain('other');
    fs.appendFileSync(source, '\n');
    run();
    const held = () => JSON.parse(fs.readFileSync(cacheFile, 'latin1').split('\n')[0] ?? '').length;
    expect(held()).toBe(2);
    fs.rmSync(other);
    fs.writeFileSync(source, program('changed'));
    run();
    expect(held()).toBe(1);
  });

  test('is private to the user, and leaves no partial files', () => {
    run();
    expect(fs.statSync(path.dirname(cacheFile)).mode & 0o777).toBe(0o700);
    expect(fs.statSync(cacheFile).mode & 0o777).toBe(0o600);
    expect(fs.readdirSync(path.dirname(cacheFile))).toEqual(['decode']);
  });

  test('is skipped if it cannot be written', () => {
    fs.writeFileSync(path.join(folder.path, 'cache'), 'a file where a folder should be');
    expect(run()).toBe('honest');
    const none = new CompiledCodeCache(undefined);
    expect(none.evaluate(source)).toEqual({word: 'honest  '});
    none.save();
  });
});
