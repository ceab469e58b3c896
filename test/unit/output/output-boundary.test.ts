import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {safeText} from '../../../src/output/text/safe-text.js';
import {aRow} from '../../support/fake-gate.js';

const root = path.resolve('src');
const files = readdirSync(root, {recursive: true, encoding: 'utf8'}).filter((name) => /\.tsx?$/.test(name));
const codeOf = (file: string): string =>
  readFileSync(path.join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');

test('A16: writes only in the output room', () => {
  const past = files.filter((file) => {
    // the screen's own layer writes frames that it has made safe cell by cell
    if (file === 'main.ts' || file.startsWith('output/') || file.startsWith('tui/term/')) return false;
    return /\bconsole\.|\bstd(?:out|err)\.write|\bwriteSync\(\s*[12]\b/.test(codeOf(file));
  });
  expect(past).toEqual([]);
});

test('A16: sanitises the screen in one view', () => {
  const views = files.filter((file) => /<Text\b/.test(codeOf(file)));
  expect(views).toEqual(['tui/views/frame.tsx']);
});

test('A15: sanitises 100,000 rows in half a second of processor time', () => {
  const {session} = aRow({userId: 'user 4711', ip: '10.0.0.1:54321'});
  const {sessionId, userId, serverId, ip, network} = session;
  const started = process.cpuUsage();
  let length = 0;
  for (let row = 0; row < 100_000; row += 1) {
    for (const cell of [sessionId, `${userId} ${row}`, serverId, ip, network, '用户 ü', '2m', '3'])
      length += safeText(cell).length;
  }
  const {user, system} = process.cpuUsage(started);
  expect(length).toBeGreaterThan(1_000_000);
  expect((user + system) / 1000).toBeLessThan(500);
});
