import {describe, expect, test} from 'vitest';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {stringBag} from '../../../src/session/session.js';
import {TestDashboard} from '../../support/dashboard.js';
import {aRow, aSession, FakeGate} from '../../support/fake-gate.js';

const person = (uid: string, settings: Record<string, string>, connectedAt: number) =>
  aRow(
    {
      sessionId: `5e55000000000${uid}`,
      userId: uid,
      serverId: 'Gate@a',
      settings: stringBag(Object.entries(settings)),
    },
    {connectedAt},
  );

/** Three people in the order of their table: ann, bob, cid. */
function aGate(): FakeGate {
  const gate = new FakeGate('Gate@a', [
    person('ann', {muted: 'yes', room: 'hall'}, 1000),
    person('bob', {room: 'lobby'}, 2000),
    person('cid', {room: 'attic'}, 2500),
  ]);
  for (const uid of ['ann', 'bob', 'cid']) {
    const value = encodeSession(aSession({userId: uid}));
    gate.records.set(uid, {uid, value, revision: `of-${uid}`, expiresAt: 0});
  }
  return gate;
}

const size = {columns: 100, rows: 24};

/** With ann's screen entered and left again. */
async function afterAnn(gate: FakeGate): Promise<TestDashboard> {
  const dashboard = new TestDashboard({gates: [gate], size});
  dashboard.press('2');
  await dashboard.shows('ann', 'bob', 'cid');
  dashboard.press('enter');
  await dashboard.shows('state    live', 'muted');
  dashboard.press('esc');
  await dashboard.shows('AGE v');
  return dashboard;
}

describe("C6: the state of one screen does not leak into another's actions", () => {
  test('x and e start empty on a session that was not opened, and Enter alone sends nothing', async () => {
    const gate = aGate();
    await using dashboard = await afterAnn(gate);
    dashboard.press('down', 'x');
    const screen = await dashboard.shows('remove a setting of session 5e55000000000bob');
    expect(screen).not.toMatch(/setting +muted/);
    dashboard.press('enter');
    await dashboard.shows('missing setting name');
    dashboard.press('esc', 'e');
    const other = await dashboard.shows('set a setting of session 5e55000000000bob');
    expect(other).not.toMatch(/setting +muted/);
    dashboard.press('enter', 'enter');
    await dashboard.shows('missing setting name');
    expect(dashboard.written).toEqual([]);
  });

  test('shows key and value of a removal, and asks for them if they were not on the screen', async () => {
    const gate = aGate();
    await using dashboard = await afterAnn(gate);
    dashboard.press('down', 'x');
    dashboard.type('room');
    await dashboard.shows('settings.room: lobby -> (none)');
    dashboard.press('enter');
    await dashboard.shows('remove settings.room = "lobby"?');
    dashboard.press('enter');
    await dashboard.shows('cancelled: nothing was sent');
    dashboard.press('x');
    dashboard.type('nothing');
    dashboard.press('enter');
    await dashboard.shows('the session has no setting "nothing"');
    dashboard.press('ctrl-u');
    dashboard.type('room');
    dashboard.press('enter', 'y');
    await dashboard.shows('settings.room: lobby -> (none) (z undoes; unset bob)');
    expect(gate.rows.get('5e55000000000ann')?.session.settings).toEqual({muted: 'yes', room: 'hall'});
  });

  test('does not remove a value that changed since it was shown', async () => {
    const gate = aGate();
    await using dashboard = await afterAnn(gate);
    dashboard.press('down', 'x');
    dashboard.type('room');
    dashboard.press('enter');
    await dashboard.shows('remove settings.room = "lobby"?');
    gate.add(person('bob', {room: 'arena'}, 2000));
    dashboard.press('y');
    await dashboard.shows('settings.room changed meanwhile: nothing was removed');
    expect(gate.rows.get('5e55000000000bob')?.session.settings).toEqual({room: 'arena'});
  });

  test('distinguishes two sessions with one id on two gates', async () => {
    const other = new FakeGate('Gate@b', [
      aRow({sessionId: '5e55000000000ann', userId: 'eve', serverId: 'Gate@b'}, {connectedAt: 2900}),
    ]);
    await using dashboard = new TestDashboard({gates: [aGate(), other], size});
    dashboard.press('2');
    await dashboard.shows('ann', 'eve');
    dashboard.press('enter');
    await dashboard.shows('muted');
    dashboard.press('esc', 'G', 'u');
    await dashboard.shows('unbind session 5e55000000000ann of uid eve on Gate@b?', 'uid: eve -> (guest)');
  });

  test('shows and deletes the named record after navigating back', async () => {
    await using dashboard = new TestDashboard({gates: [aGate()], size});
    dashboard.press(':');
    dashboard.type('record ann');
    dashboard.press('enter');
    await dashboard.shows('of-ann');
    dashboard.press(':');
    dashboard.type('record bob');
    dashboard.press('enter');
    await dashboard.shows('of-bob');
    dashboard.press('esc');
    await dashboard.shows('of-ann');
    dashboard.press('D');
    await dashboard.shows('delete the record of uid "ann"', 'revision of-ann');
  });

  test('shows and acts on the named session after navigating back', async () => {
    await using dashboard = await afterAnn(aGate());
    for (const uid of ['ann', 'bob']) {
      dashboard.press(':');
      dashboard.type(`session 5e55000000000${uid}`);
      dashboard.press('enter');
      await dashboard.shows(`id       5e55000000000${uid}`, 'state    live');
    }
    dashboard.press('esc');
    await dashboard.shows('id       5e55000000000ann', 'muted');
    dashboard.press('K');
    await dashboard.shows('kick session 5e55000000000ann of uid ann');
  });

  test('names marked sessions hidden by the filter before acting on them', async () => {
    await using dashboard = await afterAnn(aGate());
    dashboard.press('space', 'space', '/');
    dashboard.type('uid == "cid"');
    dashboard.press('enter');
    await dashboard.hides('hall');
    await dashboard.shows('2 marked  |', 'where uid == "cid"');
    dashboard.press('K');
    await dashboard.shows('marked: ann, bob', '2 of them hidden', 'kick 2 marked sessions?');
    dashboard.press('n', 'esc', 'esc');
  });

  test('clears marks after an action', async () => {
    const gate = aGate();
    await using dashboard = await afterAnn(gate);
    dashboard.press('space', 'K');
    await dashboard.shows('kick session 5e55000000000ann');
    dashboard.press('y');
    await dashboard.shows('closed, session removed');
    dashboard.press('G', 'K');
    await dashboard.shows('kick session 5e55000000000cid');
  });
});
