import {describe, expect, test} from 'vitest';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {TestDashboard} from '../../support/dashboard.js';
import {aRow, aSession, FakeGate} from '../../support/fake-gate.js';
import {fakeCluster} from '../../support/run-cli.js';

const size = {columns: 80, rows: 24};

const session = {sessionId: '5f008e4b69780dc3', userId: 'ann'};
const twice = () => [
  new FakeGate('Gate@a', [aRow({...session, serverId: 'Gate@a'}, {})]),
  new FakeGate('Gate@b', [aRow({...session, sessionId: '5f008e4b69780dc4', serverId: 'Gate@b'}, {})]),
];

describe('at 80 columns', () => {
  test('marks hidden columns and hidden keys with an ellipsis', async () => {
    await using dashboard = new TestDashboard({gates: twice(), size});
    dashboard.press('2');
    const screen = await dashboard.shows('ann', 'by age v');
    const lines = screen.split('\n');
    expect(lines.find((line) => line.includes('UID'))).toMatch(/^… {2}ID|^… ID/);
    expect(lines.at(-1)).toMatch(/… +\? help {2}q quit/);
    dashboard.press('r');
    await dashboard.shows('by age ^');
  });

  test('shows id, gate and detail of an event', async () => {
    const gates = twice();
    await using dashboard = new TestDashboard({gates, size});
    dashboard.press('3');
    await dashboard.shows('no events yet', 'following');
    const bytes = encodeSession(aSession({...session, serverId: 'Gate@a'}));
    gates[0]?.emit({kind: 'closed', session: bytes, why: 'kicked by an operator for a long reason'});
    await dashboard.shows('closed', 'kicked by', '5f008e4b69780dc3', 'Gate@a');
  });

  test('keeps the start of the names of views beside an open document', async () => {
    await using dashboard = new TestDashboard({gates: twice(), size});
    dashboard.press('2');
    await dashboard.shows('ann');
    dashboard.press('enter', 'J');
    await dashboard.shows('1 Ov', '3 Ev', '9 Wr', '[2 Sessions');
  });

  test('shows a session of the same user in full', async () => {
    await using dashboard = new TestDashboard({gates: twice(), size});
    dashboard.press('2');
    await dashboard.shows('ann');
    dashboard.press('enter');
    await dashboard.shows('live, and online elsewhere', 'also on  Gate@b/5f008e4b69780dc4');
  });
});

describe('the command bar', () => {
  test('shows every command', async () => {
    await using dashboard = new TestDashboard({gates: twice(), size});
    await dashboard.shows('Gate@a');
    dashboard.press(':');
    await dashboard.shows(' overview ', ' trace ', ' theme ', ' quit ', 'Tab: the next one above');
    dashboard.press('tab');
    await dashboard.shows(':overview');
  });

  test.each(['ctx', 'contexts', 'context'])('lists the contexts by :%s', async (name) => {
    await using dashboard = new TestDashboard({gates: twice(), contexts: {prod: {gates: []}}});
    await dashboard.shows('Gate@a');
    dashboard.press(':');
    dashboard.type(name);
    dashboard.press('enter');
    await dashboard.shows('prod', 'to switch: :context <name>');
  });

  test('says how to open a server without a context', async () => {
    await using dashboard = new TestDashboard({gates: twice(), size: {columns: 140, rows: 24}});
    await dashboard.shows('Gate@a');
    dashboard.press(':');
    dashboard.type('context nats://10.0.0.1:4222');
    dashboard.press('enter');
    await dashboard.shows('a URL names no context', 'start gatectl --server <url>');
  });
});

test('W on a gate lists its sessions, those with the most waiting bytes first', async () => {
  await using dashboard = new TestDashboard({gates: twice(), size: {columns: 120, rows: 24}});
  await dashboard.shows('Gate@b', 'live');
  dashboard.press('j', 'W');
  await dashboard.shows('WAITING', 'by waiting', 'where gate == "Gate@a"');
});

test('Tab of / offers the saved filters of the screen', async () => {
  await using dashboard = new TestDashboard({gates: twice(), size: {columns: 120, rows: 24}});
  dashboard.press('2');
  await dashboard.shows('ann');
  dashboard.press('/');
  dashboard.type('uid == "ann"');
  dashboard.press('enter');
  await dashboard.shows('where uid == "ann"');
  dashboard.press(':');
  dashboard.type('save vip');
  dashboard.press('enter');
  await dashboard.shows('saved; to apply it: :filter vip');
  dashboard.press('esc', '/', 'tab');
  await dashboard.shows('/uid == "ann"');
});

test('Enter opens a finding of the doctor and a write with the outcome of each session', async () => {
  const findings = [{check: 'bus', subject: 'bus', state: 'ok', detail: 'all is well', next: ''}] as const;
  const cluster = fakeCluster(twice());
  await using dashboard = new TestDashboard({gates: [], cluster, findings, size: {columns: 120, rows: 50}});
  dashboard.press('8');
  await dashboard.shows('all is well');
  dashboard.press('enter');
  await dashboard.shows('"detail": "all is well"');
  dashboard.press('2');
  await dashboard.shows('ann');
  dashboard.press('a', 's');
  dashboard.type('/news');
  dashboard.press('enter');
  dashboard.type('hello');
  dashboard.press('enter');
  await dashboard.shows('2 done of 2 sessions, handed to the connections');
  dashboard.press('9', 'enter');
  await dashboard.shows('"session": "Gate@a/5f008e4b69780dc3"', '"session": "Gate@b/5f008e4b69780dc4"');
});
