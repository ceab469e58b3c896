import {promises as fs} from 'node:fs';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test, vi} from 'vitest';
import {ConflictError} from '../../../../src/base/errors.js';
import {claimFile, claimName} from '../../../../src/base/files/file-claim.js';
import {OutcomeFile, withFileClaim} from '../../../../src/cli/bulk/outcome-file.js';
import {aRow, FakeGate} from '../../../support/fake-gate.js';
import {gatectl} from '../../../support/run-cli.js';
import {type TemporaryFolder, temporaryFolder} from '../../../support/temp.js';

let folder: TemporaryFolder;
const inFolder = (name: string): string => path.join(folder.path, name);

beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(async () => await folder.remove());

const inUse = expect.stringContaining(`is in use by process ${process.pid}`);

describe('A4: claims of files', () => {
  test('hold for every name of the file, until released', async () => {
    await fs.writeFile(inFolder('a'), '');
    await fs.symlink(inFolder('a'), inFolder('link'));
    await fs.link(inFolder('a'), inFolder('hard'));
    await fs.writeFile(inFolder('other'), '');
    const claim = await claimFile(inFolder('a'));
    for (const name of ['a', 'link', 'hard'].map(inFolder)) {
      await expect(claimFile(name)).rejects.toThrow(ConflictError);
      await expect(claimFile(name)).rejects.toThrow(`"${name}" is in use by process ${process.pid}`);
    }
    await (await claimFile(inFolder('other'))).release();
    await claim.release();
    await (await claimFile(inFolder('hard'))).release();
  });

  test.skipIf(process.platform !== 'linux')(
    'name a process that has only just claimed the file',
    async () => {
      await fs.writeFile(inFolder('fresh'), '');
      const claim = await claimFile(inFolder('fresh'));
      const read = vi.spyOn(fs, 'readFile').mockResolvedValueOnce(''); // as before its second address
      await expect(claimFile(inFolder('fresh'))).rejects.toThrow(`in use by process ${process.pid}`);
      expect(read).toHaveBeenCalledTimes(2);
      read.mockRestore();
      await claim.release();
    },
  );

  test('hold for the name of a file that does not exist yet', async () => {
    await fs.symlink(folder.path, inFolder('folder'));
    const claim = await claimName(inFolder('new'));
    await expect(claimName(inFolder('folder/new'))).rejects.toThrow('is in use');
    await (await claimName(inFolder('newer'))).release();
    await claim.release();
  });

  test('hold a new outcome file from its first byte until it is closed', async () => {
    const header = {version: 1, action: 'kick', about: {}, where: '', at: '', count: 0} as const;
    const file = await OutcomeFile.create(inFolder('outcome'), header, []);
    await expect(withFileClaim(inFolder('outcome'), async () => 1)).rejects.toThrow(ConflictError);
    await file.close();
    expect(await withFileClaim(inFolder('outcome'), async () => 1)).toBe(1);
    await expect(withFileClaim(inFolder('nowhere'), async () => 1)).rejects.toThrow('cannot read');
  });

  test('refuse apply, --resume and snapshot save with exit code 5, before sending or writing', async () => {
    const gate = new FakeGate('Gate@a', [aRow({userId: 'u'})]);
    const world = {gates: [gate]};
    expect(
      await gatectl(['sessions', 'kick', '--uid', 'u', '--plan', inFolder('plan'), '--yes'], world),
    ).toMatchObject({
      code: 0,
    });
    const claim = await claimFile(inFolder('plan'));
    for (const line of [
      ['apply', inFolder('plan'), '--yes'],
      ['sessions', 'kick', '--resume', inFolder('plan'), '--yes'],
    ])
      expect(await gatectl(line, world)).toMatchObject({code: 5, out: '', err: inUse});
    await claim.release();
    const saved = inFolder('now.jsonl');
    const saving = await claimName(saved);
    for (const more of [[], ['--force']])
      expect(await gatectl(['snapshot', 'save', saved, ...more], world)).toMatchObject({code: 5, err: inUse});
    await expect(fs.stat(saved)).rejects.toThrow('ENOENT');
    await saving.release();
    expect(await gatectl(['snapshot', 'save', saved], world)).toMatchObject({code: 0});
    expect(gate.rows.size).toBe(1);
  });
});
