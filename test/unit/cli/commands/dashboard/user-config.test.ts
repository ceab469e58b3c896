import {promises as fs} from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {readUserConfig} from '../../../../../src/cli/commands/dashboard/user-config.js';
import {temporaryFolder} from '../../../../support/temp.js';

async function withFile(text: string | undefined) {
  const folder = await temporaryFolder('gatectl-user-config-');
  const file = path.join(folder.path, 'gatectl', 'dashboard.json');
  try {
    if (text !== undefined) {
      await fs.mkdir(path.dirname(file));
      await fs.writeFile(file, text);
    }
    return {file, config: await readUserConfig({env: {XDG_CONFIG_HOME: folder.path}})};
  } finally {
    await folder.remove();
  }
}

test('the file is in the folder of the contexts; without it there is no configuration', async () => {
  const {file, config} = await withFile('{"keys": {}}');
  expect(config).toEqual({file, value: {keys: {}}});
  expect((await withFile(undefined)).config).toBeUndefined();
});

test.each([
  ['not JSON', '{"keys": '],
  ['too large', `{"keys": "${'x'.repeat(300_000)}"}`],
])('a file that is %s is reported, and the dashboard still opens', async (_, text) => {
  const {file, config} = await withFile(text);
  expect(config).toEqual({file, fault: expect.stringMatching(/./)});
});
