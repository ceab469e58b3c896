import {expect, test} from 'vitest';
import {TestDashboard} from '../../support/dashboard.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';

const each = 400;

/** Two gates with sessions u000 to u799, in turns, by age from the oldest. */
function largeGates(): readonly FakeGate[] {
  return ['Gate@a', 'Gate@b'].map((id, gate) => {
    const rows = Array.from({length: each}, (_, index) => {
      const number = String(2 * index + gate).padStart(3, '0');
      return aRow(
        {sessionId: `5e55${number}`, userId: `u${number}`, serverId: id},
        {connectedAt: 1000 + Number(number)},
      );
    });
    return new FakeGate(id, rows);
  });
}

const uids = (screen: string): readonly string[] => screen.match(/\bu\d{3}\b/g) ?? [];

test('End goes to the last session that the gates have, and Home back to the first', async () => {
  await using dashboard = new TestDashboard({gates: largeGates()});
  dashboard.press('2');
  await dashboard.shows('u000', 'first 50 of 800', '1/800');
  dashboard.press('end');
  const screen = await dashboard.shows('last 50 of 800', '800/800');
  expect(uids(screen).at(-1)).toBe('u799');
  expect(uids(screen)).toEqual([...uids(screen)].sort());
  expect(screen.split('\n').find((line) => line.startsWith('>'))).toContain('u799');
  dashboard.press('k');
  await dashboard.shows('799/800');
  dashboard.press('pgup', 'pgup', 'pgup');
  expect(uids(await dashboard.shows('last 100 of 800')).length).toBeGreaterThan(5);
  dashboard.press('home');
  await dashboard.shows('u000', 'first 50 of 800', '1/800');
});

test('a new order or filter starts at the top again', async () => {
  await using dashboard = new TestDashboard({gates: largeGates()});
  dashboard.press('2');
  await dashboard.shows('1/800');
  dashboard.press('G');
  await dashboard.shows('800/800');
  dashboard.press('r');
  await dashboard.shows('first 50 of 800', 'by age ^', '1/800');
});

test('where all are listed it is the last row', async () => {
  const gates = [
    new FakeGate('Gate@a', [aRow({sessionId: 'a1', userId: 'ann'}), aRow({sessionId: 'a2', userId: 'bob'})]),
  ];
  await using dashboard = new TestDashboard({gates});
  dashboard.press('2');
  await dashboard.shows('2 sessions', '1/2');
  dashboard.press('end');
  await dashboard.shows('2/2');
});

test('one gate alone lists its last sessions in the same order', async () => {
  const [gate] = largeGates();
  await using dashboard = new TestDashboard({gates: gate === undefined ? [] : [gate]});
  dashboard.press('2');
  await dashboard.shows('1/400');
  dashboard.press('end');
  const screen = await dashboard.shows('last 50 of 400', '400/400');
  expect(uids(screen).at(-1)).toBe('u798');
  expect(uids(screen)).toEqual([...uids(screen)].sort());
});
