import {readdirSync, statSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {openDashboardStateFile} from '../../../../../src/cli/commands/dashboard/dashboard-state-file.js';
import {temporaryFolder} from '../../../../support/temp.js';

test('keeps sections in a private file per cluster, one write after the other', async () => {
  const folder = await temporaryFolder('gatectl-dashboard-');
  const file = openDashboardStateFile(folder.path, 'nats://10.0.0.1:4222/../x');
  expect(await file.read('filters')).toBeUndefined();
  await Promise.all([
    file.write('filters', {a: 1}),
    file.write('columns', ['uid']),
    file.write('filters', {b: 2}),
  ]);
  expect(await file.read('filters')).toEqual({b: 2});
  expect(await file.read('columns')).toEqual(['uid']);
  expect(await openDashboardStateFile(folder.path, 'other').read('filters')).toBeUndefined();
  const inside = path.join(folder.path, 'dashboard');
  const [name = '', ...more] = readdirSync(inside);
  expect([name, ...more]).toEqual(['nats%3A%2F%2F10.0.0.1%3A4222%2F..%2Fx.json']);
  expect(statSync(path.join(inside, name)).mode & 0o777).toBe(0o600);
  writeFileSync(path.join(inside, name), '{broken');
  expect(await file.read('filters')).toBeUndefined();
  await folder.remove();
});

test('reports a folder that cannot be written, and writes again later', async () => {
  const folder = await temporaryFolder('gatectl-dashboard-');
  writeFileSync(path.join(folder.path, 'dashboard'), '');
  const file = openDashboardStateFile(folder.path, 'a');
  await expect(file.write('filters', {})).rejects.toThrow('cannot write');
  await folder.remove();
  await file.write('filters', {a: 1});
  expect(await file.read('filters')).toEqual({a: 1});
  await folder.remove();
});
