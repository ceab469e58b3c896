import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {openContextStore} from '../../../../src/cli/settings/context-store.js';
import {temporaryFolder} from '../../../support/temp.js';

test('the colour in a context file is read, and kept when the context is saved', async () => {
  const folder = await temporaryFolder('gatectl-contexts-');
  const file = path.join(folder.path, 'contexts', 'prod.json');
  mkdirSync(path.dirname(file), {recursive: true});
  writeFileSync(file, '{"version": 1, "server": "nats://10.0.0.1:4222", "color": "red"}');
  const store = openContextStore(folder.path);
  expect(await store.colorOf('prod')).toBe('red');
  await store.save('prod', {...(await store.read('prod')), protected: true});
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({color: 'red', protected: true});
  expect(await store.colorOf('other')).toBeUndefined();
  writeFileSync(file, '{broken');
  expect(await store.colorOf('prod')).toBeUndefined();
  await folder.remove();
});
