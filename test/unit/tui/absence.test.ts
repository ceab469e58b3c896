import {describe, expect, test} from 'vitest';
import {TestDashboard} from '../../support/dashboard.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';

const uidOf = (at: number): string => `u${at}`;
const idOf = (at: number): string => `5e55${String(at).padStart(12, '0')}`;

/** A gate with more sessions than are read of one that leaves the filter to gatectl. */
function crowdedGate(change: Partial<Pick<FakeGate, 'filters' | 'stock'>> = {}): FakeGate {
  const rows = Array.from({length: 2600}, (_, at) =>
    aRow({sessionId: idOf(at), userId: uidOf(at), serverId: 'Gate@c'}, {connectedAt: 1000 + at}),
  );
  return Object.assign(new FakeGate('Gate@c', rows), {filters: false, ...change});
}

async function filteredBy(text: string, gate: FakeGate): Promise<TestDashboard> {
  const dashboard = new TestDashboard({gates: [gate], size: {columns: 120, rows: 24}});
  dashboard.press('2');
  await dashboard.shows('by age');
  dashboard.press('/');
  dashboard.type(text);
  dashboard.press('enter');
  return dashboard;
}

describe('C7: absence is reported from a complete answer only', () => {
  test.each([
    `uid == "${uidOf(2555)}"`,
    `"${uidOf(2555)}" == uid`,
    uidOf(2555),
    `uid == "${uidOf(2555)}" && !guest`,
    `id == "${idOf(2555)}"`,
  ])('%s is looked up exactly on a gate that cannot filter', async (text) => {
    await using dashboard = await filteredBy(text, crowdedGate());
    await dashboard.shows(idOf(2555), '1 session  |');
  });

  test('reports an offline user by the same lookup', async () => {
    for (const text of ['uid == "nobody"', 'id == "ffffffffffffffff"', `uid == "${uidOf(3)}" && guest`]) {
      await using dashboard = await filteredBy(text, crowdedGate());
      await dashboard.shows('no session matches the filter');
    }
  });

  test('does not conclude absence from a sample', async () => {
    await using dashboard = await filteredBy(`uid.startsWith("${uidOf(2555)}")`, crowdedGate());
    const screen = await dashboard.shows('none among the first 2', 'of Gate@c, which cannot filter');
    expect(screen).not.toContain('no session matches');
  });

  test('trusts a gate that filters', async () => {
    await using dashboard = await filteredBy(
      `uid.startsWith("${uidOf(2555)}")`,
      crowdedGate({filters: true}),
    );
    await dashboard.shows(idOf(2555));
  });

  test("looks up a uid's record, and reports how far a limited search went", async () => {
    const gate = new FakeGate('Gate@c');
    for (let at = 0; at < 30_000; at += 1) {
      const uid = `r${String(at).padStart(6, '0')}`;
      gate.records.set(uid, {uid, value: new Uint8Array(0), revision: '1', expiresAt: 0});
    }
    await using dashboard = new TestDashboard({gates: [gate], size: {columns: 120, rows: 24}});
    dashboard.press('4');
    await dashboard.shows('r000000');
    for (const [text, shown] of [
      ['uid == "r029999"', 'r029999'],
      ['uid == "nobody"', 'no record matches the filter'],
      ['uid.endsWith("29999")', 'none among the first 20'],
    ] as const) {
      dashboard.press('/', 'ctrl-u');
      dashboard.type(text);
      dashboard.press('enter');
      await dashboard.shows(shown);
    }
  });
});

describe('A5: a filter spoiled by an empty variable', () => {
  test.each([
    ['uid == ""', 'empty uid'],
    ['network == "x25"', 'no session has the network'],
  ])('%s is rejected in the filter line', async (text, message) => {
    await using dashboard = await filteredBy(text, new FakeGate('Gate@c', [aRow({userId: ''})]));
    await dashboard.shows(message);
  });
});
