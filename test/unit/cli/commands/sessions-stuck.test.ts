import {expect, test} from 'vitest';
import {aRow, FakeGate} from '../../../support/fake-gate.js';
import {gatectl} from '../../../support/run-cli.js';

function gates(): readonly FakeGate[] {
  const some = ['Gate@a', 'Gate@b'].map((id) => new FakeGate(id));
  for (const gate of some) gate.now = () => 100_000;
  const [a, b] = some;
  const state = (waitingBytes: number, oldestWaitingAt: number) => ({
    connectionState: {waitingBytes, waitingPackets: 2, oldestWaitingAt, lastSentAt: 30_000},
  });
  a?.add(aRow({sessionId: 'reads', userId: 'u1'}, {connectionState: {waitingBytes: 0}}));
  a?.add(aRow({sessionId: 'large', userId: 'u2'}, state(2_000_000, 90_000)));
  b?.add(aRow({sessionId: 'old', userId: 'u3'}, state(100, 40_000)));
  return some;
}

const ids = async (line: string): Promise<readonly string[]> => {
  const {out, code} = await gatectl(`${line} -o ids`, {gates: gates()});
  expect(code).toBe(0);
  return out.trim().split('\n');
};

test('top --by waiting lists stuck sessions of all gates, the largest queue first', async () => {
  expect(await ids('sessions top --by waiting')).toEqual(['Gate@a/large', 'Gate@b/old']);
  expect(await ids('sessions top --by oldest')).toEqual(['Gate@b/old', 'Gate@a/large']);
  expect(await ids('sessions top --by oldest --limit 1')).toEqual(['Gate@b/old']);
  expect(await ids('sessions top --by waiting --uid u3')).toEqual(['Gate@b/old']);
});

test('the table has the queue, its age, and what a gate does not report as -', async () => {
  const {out} = await gatectl('sessions top --by waiting -o table', {gates: gates()});
  const [head, large, old] = out.split('\n');
  expect(head?.split(/ {2,}/)).toEqual([
    'ID',
    'UID',
    'GATE',
    'WAITING',
    'PACKETS',
    'OLDEST',
    'LAST SENT',
    'KEEP-ALIVE',
  ]);
  expect(large?.split(/ {2,}/)).toEqual(['large', 'u2', 'Gate@a', '1.9 MiB', '2', '10s', '1m10s', '-']);
  expect(old?.split(/ {2,}/)).toEqual(['old', 'u3', 'Gate@b', '100 B', '2', '1m', '1m10s', '-']);
});

test('JSON has the connection as numbers and times', async () => {
  const {out} = await gatectl('sessions top --by waiting -o json', {gates: gates()});
  expect(JSON.parse(out).items[0]).toMatchObject({
    id: 'large',
    uid: 'u2',
    connection: {waitingBytes: 2_000_000, waitingPackets: 2, oldestWaitingAt: '1970-01-01T00:01:30.000Z'},
  });
});

test('reports that no session is stuck; a gate that cannot tell makes the result partial', async () => {
  const calm = new FakeGate('Gate@a', [aRow()]);
  const none = await gatectl('sessions top --by waiting', {gates: [calm]});
  expect(none).toMatchObject({code: 0, out: expect.not.stringContaining('0000')});
  const older = new FakeGate('Gate@b', [aRow()]);
  older.lacks.add('GatectlConnections');
  const partial = await gatectl('sessions top --by waiting', {gates: [calm, older]});
  expect(partial.code).toBe(3);
  expect(partial.err).toContain('GatectlConnections');
});

test('list --sort waiting names the command that lists stuck sessions', async () => {
  const {code, err} = await gatectl('sessions list --sort waiting', {gates: gates()});
  expect(code).toBe(2);
  expect(err).toContain('gatectl sessions top --by waiting --once');
});
