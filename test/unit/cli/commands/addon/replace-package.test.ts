import {promises as fs} from 'node:fs';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {OutputError} from '../../../../../src/base/errors.js';
import {replacePackage} from '../../../../../src/cli/commands/addon/replace-package.js';
import {type TemporaryFolder, temporaryFolder} from '../../../../support/temp.js';

let temporary: TemporaryFolder;
let folder: string;

beforeEach(async () => {
  temporary = await temporaryFolder();
  folder = path.join(temporary.path, 'internal/addon');
});
afterEach(async () => await temporary.remove());

const names = async (): Promise<readonly string[]> =>
  (await fs.readdir(temporary.path, {recursive: true})).sort();

const fresh = new Map([['a.go', 'new']]);

describe('replacePackage', () => {
  test('replaces its files, keeps other files, and leaves no temporary ones', async () => {
    await fs.mkdir(folder, {recursive: true});
    for (const name of ['a.go', 'b.go', 'notes.txt']) await fs.writeFile(path.join(folder, name), 'old');
    const goMod = path.join(temporary.path, 'go.mod');
    await fs.writeFile(goMod, 'module m\n', {mode: 0o664});
    await replacePackage(folder, fresh, ['notes.txt'], {file: goMod, text: 'module n\n'});
    expect(await names()).toEqual([
      'go.mod',
      'internal',
      'internal/addon',
      'internal/addon/a.go',
      'internal/addon/notes.txt',
    ]);
    expect(await fs.readFile(path.join(folder, 'a.go'), 'utf8')).toBe('new');
    expect(await fs.readFile(goMod, 'utf8')).toBe('module n\n');
  });

  test.each([
    ['an entry to keep is gone', ['gone.txt'], undefined],
    ['the other file cannot be replaced', [], {file: '/nonexistent/go.mod', text: ''}],
  ] as const)('everything is as before when %s', async (_, kept, other) => {
    await expect(replacePackage(folder, fresh, [...kept, ...(other ? [] : ['x'])], other)).rejects.toThrow(
      OutputError,
    );
    expect(await names()).toEqual([]);
    await fs.mkdir(folder, {recursive: true});
    await fs.writeFile(path.join(folder, 'a.go'), 'old');
    await expect(replacePackage(folder, fresh, kept, other)).rejects.toThrow(OutputError);
    expect(await names()).toEqual(['internal', 'internal/addon', 'internal/addon/a.go']);
    expect(await fs.readFile(path.join(folder, 'a.go'), 'utf8')).toBe('old');
  });
});
