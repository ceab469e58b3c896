import {expect, test} from 'vitest';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {stringBag} from '../../../src/session/session.js';
import {TestDashboard} from '../../support/dashboard.js';
import {aRow, aSession, FakeGate} from '../../support/fake-gate.js';

const twice = (id: string, gate: string) =>
  aRow({sessionId: id, userId: 'ann', serverId: gate, settings: stringBag([['room', id]])}, {});

test('a record is compared with the session that it names; the others are also online', async () => {
  const gates = [
    new FakeGate('Gate@a', [twice('0001', 'Gate@a')]),
    new FakeGate('Gate@b', [twice('0002', 'Gate@b')]),
  ];
  const session = {sessionId: '0002', userId: 'ann', serverId: 'Gate@b'};
  const value = encodeSession(aSession({...session, settings: stringBag([['room', '0002']])}));
  for (const gate of gates) gate.records.set('ann', {uid: 'ann', value, revision: '1', expiresAt: 0});
  await using dashboard = new TestDashboard({gates});
  await dashboard.shows('Gate@b');
  dashboard.press(':');
  dashboard.type('record ann');
  dashboard.press('enter');
  const screen = await dashboard.shows('also online', 'Gate@a/0001');
  const lines = screen.split('\n');
  const columns = (name: string) => lines.find((line) => line.slice(2).startsWith(`${name} `))?.trim();
  expect(columns('id')).toMatch(/^id +0002 +0002$/);
  expect(columns('gate')).toMatch(/^gate +Gate@b +Gate@b$/);
  expect(columns('settings.room')).toMatch(/^settings.room +0002 +0002$/);
  expect(lines.filter((line) => line.startsWith(' !'))).toEqual([]);
  dashboard.press('L');
  await dashboard.shows('uid      ann', 'gate     Gate@b');
});
