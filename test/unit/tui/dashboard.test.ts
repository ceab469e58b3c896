import {describe, expect, test} from 'vitest';
import {CallError, type GatectlError, PermissionError} from '../../../src/base/errors.js';
import type {Cluster, TracedCall, TraceSummary} from '../../../src/cluster/cluster.js';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {stringBag} from '../../../src/session/session.js';
import {keyBindings} from '../../../src/tui/keymap/keymap.js';
import {TestDashboard} from '../../support/dashboard.js';
import {callBytes} from '../../support/envelopes.js';
import {aRow, aSession, FakeGate} from '../../support/fake-gate.js';
import {until} from '../../support/poll.js';
import {fakeCluster} from '../../support/run-cli.js';
import {TapBus} from '../../support/tap-bus.js';

const minute = 60_000;
const clock = 1_800_000_000_000;

function person(uid: string, age: number, node = 'Gate@a', settings: Record<string, string> = {}) {
  const sessionId = `5e55${uid.padStart(12, '0')}`;
  return aRow(
    {sessionId, userId: uid, serverId: node, settings: stringBag(Object.entries(settings))},
    {connectedAt: clock - age, lastActiveAt: clock - 1000, received: age / minute, sent: 1},
  );
}

function aGate(id: string, rows: readonly ReturnType<typeof person>[]): FakeGate {
  const gate = new FakeGate(id, rows);
  gate.now = () => clock;
  return gate;
}

const aCall = (fields: Partial<TracedCall>): TracedCall => ({
  ...{
    at: clock,
    fn: 'Update',
    node: 'Gate@a',
    address: 'a',
    caller: 'hall',
    hostname: 'h',
    session: '',
    uid: '',
  },
  ...{sessions: 1, outcome: 'ok', error: '', ms: undefined, callBytes: 10, replyBytes: 20, ...fields},
});

const quiet = {
  unanswered: 0,
  missed: 0,
  overflowed: 0,
  open: 0,
  noReply: 0,
  strayReplies: 0,
  foreign: 0,
  gaps: 0,
};

const aSummary: TraceSummary = {
  ...{from: clock, to: clock + 1000, selected: 2, otherCalls: 0},
  counts: {...quiet, messages: 4, bytes: 60, calls: 2, answered: 2, errors: 3, notShown: 0, notSaved: 0},
  functions: ['HD_login', 'HD_shop'].map((fn) => ({
    ...{
      type: 'Hall',
      fn,
      calls: 1,
      errors: fn === 'HD_shop' ? 1 : 0,
      unanswered: 0,
      callBytes: 10,
      replyBytes: 20,
    },
    ...{p50: 1, p95: 1, p99: 1, max: 1},
  })),
};

const twoGates = () => [
  aGate('Gate@a', [person('ann', 9 * minute), person('bob', 5 * minute, 'Gate@a', {room: 'lobby'})]),
  aGate('Gate@b', [person('cid', 7 * minute, 'Gate@b')]),
];

const sizes = [
  {columns: 60, rows: 15},
  {columns: 80, rows: 24},
  {columns: 200, rows: 50},
  {columns: 300, rows: 100},
];

describe.each(sizes)('every view at $columns x $rows', (size) => {
  test('fills exactly the lines of the screen', async () => {
    await using dashboard = new TestDashboard({gates: twoGates(), size});
    await dashboard.shows('Gate@a', 'live');
    for (const [key, text] of [
      ['1', 'GATE'],
      ['2', 'bob'],
      ['3', 'KIND'],
      ['4', 'UID'],
      ['5', 'COMMAND'],
      ['6', 'tracing'],
      ['7', 'no anomaly'],
      ['8', 'checking'],
      ['9', 'nothing was written'],
      ['?', 'kick'],
    ] as const) {
      dashboard.press(key);
      if (key === '?') dashboard.press(...'jjjjjj');
      const screen = await dashboard.shows(text.toLowerCase() === 'kick' ? 'Act on' : text);
      const lines = screen.split('\n');
      expect(lines.length).toBe(size.rows);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(size.columns);
    }
  });
});

describe('the overview', () => {
  test('shows charts of all gates or of the one under the cursor, events and anomalies', async () => {
    const gates = twoGates();
    await using dashboard = new TestDashboard({gates});
    const screen = await dashboard.shows('sessions', 'messages/s', 'connects/s', 'round trip', '└1m', 'now');
    expect(screen).toContain('─ EVENTS');
    await dashboard.shows('ANOMALIES none', 'none among 3 sessions; 7 checks records too');
    dashboard.press('j');
    await dashboard.shows('  Gate@a  ', 'bound 2');
  });

  test('names anomalies with the worst first, and draws without block characters', async () => {
    const [gate, other] = twoGates() as [FakeGate, FakeGate];
    const double = person('ann', minute, 'Gate@b');
    const rows = [...other.rows.values(), {...double, session: {...double.session, sessionId: 'd0b1e'}}];
    const gates = [gate, aGate('Gate@b', rows)];
    await using dashboard = new TestDashboard({gates, about: {ascii: true, theme: 'none'}});
    await dashboard.shows('ANOMALIES 1 high', 'duplicate-uid ann 2 sessions on 2 gates');
    expect(dashboard.terminal.text()).toContain('+1m-');
    expect(dashboard.terminal.text()).not.toMatch(/[\u2500-\u28ff]/);
  });

  test('shows sparklines with their scale on a low screen', async () => {
    await using dashboard = new TestDashboard({gates: twoGates(), size: {columns: 60, rows: 13}});
    await dashboard.shows('messages in/s', '≤5');
  });
});

describe('the location of the operator', () => {
  test('the active tab shows the path to the screen, and the footer the selected row', async () => {
    await using dashboard = new TestDashboard({gates: twoGates()});
    dashboard.press('2');
    await dashboard.shows('[2 Sessions]', '1/3');
    dashboard.press('j');
    await dashboard.shows('2/3');
    dashboard.press('enter', 'R');
    await dashboard.shows('[2 Sessions › cid › record cid]');
    dashboard.press('?');
    await dashboard.shows('[2 Sessions › cid › record cid › help]');
    dashboard.press('esc', 'esc', 'esc');
    await dashboard.shows('[2 Sessions]');
  });

  test('a long path is cut, so that the keys of the other tabs stay visible', async () => {
    const gates = [aGate('Gate@a', [person('u'.repeat(60), minute)])];
    await using dashboard = new TestDashboard({gates, size: {columns: 60, rows: 15}});
    dashboard.press('2');
    await dashboard.shows('1/1');
    dashboard.press('enter');
    const screen = await dashboard.shows('› uuuu');
    expect(screen.split('\n')[1]).toMatch(/1 .*\[2 Sessions › u+…\].* 5 .* \?/);
  });

  test('a paused tail is shown in the second line, with the number of new rows', async () => {
    const [gate] = twoGates() as [FakeGate];
    await using dashboard = new TestDashboard({gates: [gate]});
    const emit = (uid: string) =>
      gate.emit({kind: 'connected', session: encodeSession(person(uid, 0).session)});
    dashboard.press('3');
    await dashboard.shows('following', 'watching');
    for (const uid of ['u1', 'u2', 'u3']) emit(uid);
    await dashboard.shows('u3');
    dashboard.press('k');
    await dashboard.shows('PAUSED 1 below, G follows');
    emit('u4');
    await dashboard.shows('PAUSED 2 below');
    dashboard.press('G');
    await dashboard.hides('PAUSED');
  });
});

test('typing replaces a proposed text, and an arrow key keeps it', async () => {
  const gates = [aGate('Gate@a', [person('ann', minute, 'Gate@a', {room: 'lobby'})])];
  await using dashboard = new TestDashboard({gates});
  dashboard.press('2');
  await dashboard.shows('ann');
  dashboard.press('enter');
  await dashboard.shows('room', 'lobby');
  dashboard.press('e', 'end');
  dashboard.type('2');
  await dashboard.shows('settings.room: lobby -> lobby2');
  dashboard.press('esc', 'e');
  dashboard.type('x');
  await dashboard.shows('settings.room: lobby -> x');
  dashboard.press('esc', 'e', 'backspace');
  dashboard.type('y');
  await dashboard.shows('settings.room: lobby -> y');
});

test('no key has two meanings', () => {
  const keys = keyBindings.flatMap(({keys, intent}) => keys.map((key) => [key, intent] as const));
  const meanings = new Map<string, Set<string>>();
  for (const [key, intent] of keys) meanings.set(key, (meanings.get(key) ?? new Set()).add(intent));
  expect([...meanings].filter(([, intents]) => intents.size > 1)).toEqual([]);
});

describe('before the bus is connected', () => {
  test('the screen shows "connecting", and q quits', async () => {
    await using dashboard = new TestDashboard({gates: [], open: () => new Promise(() => {})});
    const screen = await dashboard.shows('~ connecting', '1 Overview');
    expect(screen).not.toContain('sessions,');
    dashboard.press('q');
    expect(await dashboard.ended).toEqual([]);
  });

  test('Ctrl-C quits cleanly, also before the first frame', async () => {
    const dashboard = new TestDashboard({gates: [], open: () => new Promise(() => {})});
    dashboard.press('ctrl-c');
    await expect(dashboard.ended).rejects.toThrow('interrupted by SIGINT');
    expect(dashboard.terminal.isClosed).toBe(true);
  });

  test('typed keys take effect once the bus is connected', async () => {
    const cluster = fakeCluster(twoGates());
    let connected: (cluster: Cluster) => void = () => {};
    const open = () => new Promise<Cluster>((resolve) => (connected = resolve));
    await using dashboard = new TestDashboard({gates: [], open});
    await dashboard.shows('~ connecting');
    dashboard.press('2', '/');
    dashboard.type('uid == "bob"');
    dashboard.press('enter');
    connected(cluster);
    await dashboard.shows('where uid == "bob"', '1 session');
  });

  test('a failed connection ends the dashboard', async () => {
    const dashboard = new TestDashboard({
      gates: [],
      open: async () => {
        throw new PermissionError('the bus does not let us in');
      },
    });
    await expect(dashboard.ended).rejects.toThrow('the bus does not let us in');
  });
});

describe('sessions', () => {
  test('are sorted by connection time; < > and r change the order', async () => {
    await using dashboard = new TestDashboard({gates: twoGates()});
    dashboard.press('2');
    const order = (screen: string) => [...screen.matchAll(/\b(ann|bob|cid)\b/g)].map(([uid]) => uid);
    expect(order(await dashboard.shows('ann', 'bob', 'cid'))).toEqual(['ann', 'cid', 'bob']);
    dashboard.press('r');
    await dashboard.shows('3 sessions', 'by age ^');
    expect(order(await dashboard.shows('ann', 'bob', 'cid'))).toEqual(['bob', 'cid', 'ann']);
    dashboard.press('o');
    for (let at = 0; at < 8; at += 1) dashboard.press('backspace');
    dashboard.type('uid');
    dashboard.press('enter');
    await dashboard.shows('3 sessions', 'by uid');
    expect(order(await dashboard.shows('ann', 'bob', 'cid'))).toEqual(['ann', 'bob', 'cid']);
  });

  test('are filtered while the filter is typed, and plain words are a search', async () => {
    await using dashboard = new TestDashboard({gates: twoGates()});
    dashboard.press('2');
    await dashboard.shows('ann');
    dashboard.press('/');
    dashboard.type('bob');
    await dashboard.shows('found in uid 1', 'Tab:  uid == "bob"', 'MATCH', '1 session');
    dashboard.press('tab');
    await dashboard.shows('/uid == "bob"', '1 session');
    await dashboard.hides('ann');
    dashboard.press('esc');
    await dashboard.shows('ann', 'bob');
    dashboard.press('/');
    dashboard.type('cid');
    dashboard.press('enter');
    await dashboard.shows('search "cid"', '1 session');
    dashboard.press('esc');
    await dashboard.shows('ann', 'bob');
    dashboard.press('/');
    dashboard.type('settings.room == "lobby"');
    dashboard.press('enter');
    await dashboard.shows('where settings.room == "lobby"', 'bob');
    await dashboard.hides('cid');
    dashboard.press('esc');
    await dashboard.shows('cid');
  });

  test('have selectable columns', async () => {
    await using dashboard = new TestDashboard({gates: twoGates()});
    dashboard.press('2');
    await dashboard.shows('ann');
    dashboard.press('C', 'ctrl-u');
    dashboard.type('uid,settings.room,nope');
    await dashboard.shows('unknown column "nope"');
    dashboard.press('ctrl-w');
    dashboard.type('uid,settings.room');
    dashboard.press('enter');
    const screen = await dashboard.shows('ROOM', 'lobby');
    expect(screen).not.toContain('NETWORK');
  });

  test('mark a closed session before it disappears, and show a new one at once', async () => {
    const [gate, other] = twoGates() as [FakeGate, FakeGate];
    await using dashboard = new TestDashboard({gates: [gate, other]});
    dashboard.press('2');
    await dashboard.shows('ann', '3 sessions');
    const ann = [...gate.rows.values()].find(({session}) => session.userId === 'ann');
    gate.emit({kind: 'closed', session: encodeSession(ann?.session ?? aSession()), why: 'bye', at: clock});
    await dashboard.shows('×');
    const dan = person('dan', 0).session;
    gate.emit({kind: 'connected', session: encodeSession(dan), at: clock});
    await dashboard.shows('dan');
  });

  test('show a sample of a gate that cannot sort, and label it', async () => {
    const crowd = aGate(
      'Gate@c',
      Array.from({length: 2300}, (_, at) => person(`p${at}`, at * 1000, 'Gate@c')),
    );
    await using dashboard = new TestDashboard({gates: [crowd]});
    dashboard.press('2');
    await dashboard.shows('a sample of Gate@c');
  });

  test('keep the rows of a gate that does not answer, and name it', async () => {
    const [gate, other] = twoGates() as [FakeGate, FakeGate];
    await using dashboard = new TestDashboard({gates: [gate, other]});
    dashboard.press('2');
    await dashboard.shows('cid');
    other.before = (fn) => {
      throw new CallError({reason: 'timeout', node: 'Gate@b', fn}, 'Gate@b did not answer within 2000 ms');
    };
    await dashboard.shows('PARTIAL', 'Gate@b silent', 'cid');
  });

  test('show a stock gate as limited, not as silent', async () => {
    const [gate, other] = twoGates() as [FakeGate, FakeGate];
    other.stock = true;
    await using dashboard = new TestDashboard({gates: [gate, other]});
    await dashboard.shows('Gate@b limited', 'stock mqant gate');
  });

  test('show known sessions of a stock gate as current, and its user without a session as online', async () => {
    const gate = new FakeGate('Gate@b', [
      aRow({sessionId: '5e55000000000cid', userId: 'cid', serverId: 'Gate@b'}),
      aRow({sessionId: '5e55000000000bob', userId: 'bob', serverId: 'Gate@b'}),
    ]);
    gate.stock = true;
    const value = aSession({sessionId: '5e55000000000cid', userId: 'cid', serverId: 'Gate@b'});
    const tapBus = new TapBus([['_INBOX.module', callBytes('1', 'HD_say', [{type: 'SESSION', value}])]]);
    const cluster = fakeCluster([gate], tapBus, undefined, {tapMs: 5});
    await using dashboard = new TestDashboard({gates: [gate], cluster});
    dashboard.press('2');
    const known = await dashboard.shows('cid', 'PARTIAL: 1 of 1 gate cannot list');
    expect(known).not.toContain('last known');
    dashboard.press('/');
    dashboard.type('uid == "bob"');
    dashboard.press('enter');
    await dashboard.shows('Gate@b is a stock mqant gate:', 'uid "bob" is online, session unknown');
  });

  test('C10: name a node of mqant RPC with other function names like the command line does', async () => {
    const [gate, other] = twoGates() as [FakeGate, FakeGate];
    other.foreign = true;
    await using dashboard = new TestDashboard({gates: [gate, other]});
    await dashboard.shows('Gate@b limited', 'speaks mqant RPC but has no');
  });
});

describe('actions', () => {
  test('a kick shows its target and asks, and Enter declines', async () => {
    const gates = twoGates();
    await using dashboard = new TestDashboard({gates});
    dashboard.press('2');
    await dashboard.shows('ann');
    dashboard.press('K');
    await dashboard.shows(
      'kick session 5e55000000000ann of uid ann on Gate@a?',
      '$ gatectl sessions kick Gate@a/5e55000000000ann',
    );
    dashboard.press('enter');
    await dashboard.shows('cancelled: nothing was sent');
    expect(gates[0]?.calls).not.toContain('Close');
    dashboard.press('K', 'y');
    await dashboard.shows('closed, session removed (kick ann)');
    expect(dashboard.written).toMatchObject([
      {path: 'sessions kick', input: {session: 'Gate@a/5e55000000000ann'}, changes: [{after: 'closed'}]},
    ]);
    await dashboard.hides('uid ann');
  });

  test('every write on a protected cluster asks for the name of the cluster', async () => {
    const gates = twoGates();
    await using dashboard = new TestDashboard({gates, about: {context: 'prod', protectedName: 'prod'}});
    await dashboard.shows('prod PROTECTED');
    dashboard.press('2');
    await dashboard.shows('ann');
    dashboard.press('e');
    dashboard.type('room');
    dashboard.press('tab');
    dashboard.type('arena');
    dashboard.press('enter');
    await dashboard.shows('type "prod":');
    dashboard.press('y', 'enter');
    await dashboard.shows('type "prod", or Esc');
    expect(dashboard.written).toEqual([]);
    dashboard.press('backspace');
    dashboard.type('prod');
    dashboard.press('enter');
    await dashboard.shows('settings.room: (none) -> arena (z undoes; set');
    expect(dashboard.written).toMatchObject([{path: 'settings set'}]);
  });

  test('a message goes to the session under the cursor, and an invalid topic is refused before', async () => {
    const gates = twoGates();
    await using dashboard = new TestDashboard({gates});
    dashboard.press('2');
    await dashboard.shows('ann');
    dashboard.press('s');
    dashboard.type('/news/#');
    dashboard.press('enter');
    dashboard.type('hello there');
    dashboard.press('enter');
    await dashboard.shows('contains a wildcard');
    dashboard.press('up', 'backspace', 'backspace', 'enter', 'enter');
    await dashboard.shows('11 bytes written to the connection');
    expect(gates[0]?.sent).toEqual([{sessionId: '5e55000000000ann', topic: '/news', body: 'hello there'}]);
  });

  test('setting and removing a setting shows the change first', async () => {
    const gates = twoGates();
    await using dashboard = new TestDashboard({gates});
    dashboard.press('2');
    await dashboard.shows('bob');
    dashboard.press('G', 'enter');
    await dashboard.shows('room', 'lobby', 'live');
    dashboard.press('e');
    await dashboard.shows('settings.room is lobby already');
    dashboard.press('ctrl-u');
    dashboard.type('arena');
    await dashboard.shows('settings.room: lobby -> arena');
    dashboard.press('enter');
    await dashboard.hides('$ gatectl');
    await dashboard.shows('settings.room: lobby -> arena (z undoes; set');
    dashboard.press('x', 'enter');
    await dashboard.shows('no settings');
    expect(dashboard.written.map(({path, input}) => [path, input])).toEqual([
      ['settings set', {args: ['Gate@a/5e55000000000bob', 'room=arena']}],
      ['settings unset', {args: ['Gate@a/5e55000000000bob', 'room']}],
    ]);
  });

  test('a bind shows the settings that the record adds', async () => {
    const gates = twoGates();
    const value = encodeSession(aSession({userId: 'zoe', settings: stringBag([['level', '7']])}));
    gates[0]?.records.set('zoe', {uid: 'zoe', value, revision: '1', expiresAt: 0});
    await using dashboard = new TestDashboard({gates});
    dashboard.press('2');
    await dashboard.shows('ann');
    dashboard.press('b');
    dashboard.type('zoe');
    await dashboard.shows('uid: ann -> zoe', 'loads "level" from the record of "zoe"');
    dashboard.press('enter');
    await dashboard.shows('uid: ann -> zoe, settings.level: (none) -> 7 (bind');
    expect(gates[0]?.rows.get('5e55000000000ann')?.session.userId).toBe('zoe');
  });

  test('more than ten targets require a typed phrase', async () => {
    const gate = aGate(
      'Gate@a',
      Array.from({length: 12}, (_, at) => person(`p${at}`, at * minute)),
    );
    await using dashboard = new TestDashboard({gates: [gate]});
    dashboard.press('2');
    await dashboard.shows('p11');
    dashboard.press('a');
    await dashboard.shows('12 marked');
    dashboard.press('K');
    await dashboard.shows('type "kick 12"');
    dashboard.press('y', 'enter');
    await dashboard.shows('type "kick 12", or Esc');
    dashboard.press('ctrl-u');
    dashboard.type('kick 12');
    dashboard.press('enter');
    await dashboard.shows('12 done of 12 sessions');
    expect(gate.rows.size).toBe(0);
  });

  test('marking all in a truncated list reports how many are marked', async () => {
    const people = Array.from({length: 70}, (_, at) => person(`p${at}`, at * minute));
    await using dashboard = new TestDashboard({gates: [aGate('Gate@a', people)]});
    dashboard.press('2');
    await dashboard.shows('first 50 of 70');
    dashboard.press('a');
    await dashboard.shows('only the 50 listed of 70 are marked: scroll down to list more, then a again');
    await until(() => {
      dashboard.press('pgdn');
      return dashboard.terminal.text().includes(' p0 ');
    });
    dashboard.press('a', '2');
    await dashboard.shows('70 sessions', '70 marked');
  });

  test('read-only mode refuses before a dialog opens', async () => {
    await using dashboard = new TestDashboard({gates: twoGates(), about: {readOnlySource: '--read-only'}});
    dashboard.press('2');
    await dashboard.shows('ann', 'READ-ONLY');
    dashboard.press('K');
    await dashboard.shows('K: --read-only forbids writes');
    expect(dashboard.written).toEqual([]);
  });

  test('the record of an offline user is deleted after a confirmation', async () => {
    const gates = twoGates();
    for (const uid of ['gone', 'ann']) {
      const value = encodeSession(aSession({userId: uid}));
      gates[0]?.records.set(uid, {uid, value, revision: '3', expiresAt: 0});
    }
    await using dashboard = new TestDashboard({gates});
    dashboard.press('4');
    await dashboard.shows('gone');
    dashboard.press('D');
    await dashboard.shows('ann is online on Gate@a');
    dashboard.press('y');
    await dashboard.shows('hint: kick the session first');
    dashboard.press('esc', 'j', 'D');
    await dashboard.shows('gone is not online');
    dashboard.press('y');
    await dashboard.shows('deleted by Gate@a');
    expect([...(gates[0]?.records.keys() ?? [])]).toEqual(['ann']);
  });

  test('a filter searches more records than the unfiltered list, and the list reports how many', async () => {
    const gates = twoGates();
    for (let at = 0; at < 2500; at += 1) {
      const uid = `p${String(at).padStart(5, '0')}`;
      const value = encodeSession(aSession({userId: uid}));
      gates[0]?.records.set(uid, {uid, value, revision: '3', expiresAt: 0});
    }
    await using dashboard = new TestDashboard({gates});
    dashboard.press('4');
    await dashboard.shows('1 000 of the first 1 000 records read');
    dashboard.press('/');
    dashboard.type('uid == "p02400"');
    dashboard.press('enter');
    await dashboard.shows('p02400', '1 record  |  where uid == "p02400"');
  });

  test('editing all settings sends only the changes', async () => {
    const gates = twoGates();
    const edit = (text: string) => text.replace('"lobby"', '"vault"');
    await using dashboard = new TestDashboard({gates, edit});
    dashboard.press('2');
    await dashboard.shows('bob');
    dashboard.press('G', 'E');
    await dashboard.shows('settings.room: lobby -> vault');
    expect(dashboard.terminal.suspensions).toBe(1);
    expect(gates[0]?.rows.get('5e55000000000bob')?.session.settings['room']).toBe('vault');
  });
});

describe('trace', () => {
  test('shows calls in the order in which they began, and those of gatectl on request', async () => {
    const cluster = fakeCluster(twoGates());
    const calls = [
      aCall({at: clock + 3, fn: 'HD_third'}),
      aCall({at: clock + 2, fn: 'GatectlStats', caller: 'gatectl/1.0.0'}),
      aCall({at: clock + 1, fn: 'HD_first'}),
    ];
    cluster.trace = async function* ({signal, exceptCallers}) {
      for (const call of calls) {
        const isOwn = call.caller.startsWith('gatectl/');
        if (isOwn === (exceptCallers === undefined)) yield {type: 'call', call};
      }
      yield {type: 'summary', summary: aSummary, final: false};
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    };
    await using dashboard = new TestDashboard({gates: [], cluster});
    dashboard.press('6');
    const screen = await dashboard.shows('HD_first', 'HD_third', 'without calls of gatectl, O shows them');
    expect(screen.match(/HD_first|HD_third/g)).toEqual(['HD_first', 'HD_third']);
    dashboard.press('O');
    const all = await dashboard.shows('GatectlStats');
    expect(all.match(/HD_first|GatectlStats|HD_third/g)).toEqual(['HD_first', 'GatectlStats', 'HD_third']);
    dashboard.press('O');
    await dashboard.hides('GatectlStats');
  });

  const refused = (cluster: Cluster, error: GatectlError): Cluster => {
    // biome-ignore lint/correctness/useYield: it fails before the first call
    cluster.trace = async function* () {
      throw error;
    };
    return cluster;
  };

  test('shows calls, then a summary by function, and stops listening when it is left', async () => {
    let listening = 0;
    const cluster = fakeCluster(twoGates());
    cluster.trace = async function* ({signal}) {
      listening += 1;
      yield {type: 'call', call: aCall({fn: 'HD_login', ms: 1.5, uid: 'ann'})};
      yield {type: 'call', call: aCall({fn: 'HD_shop', outcome: 'error', error: 'no money'})};
      yield {type: 'summary', summary: aSummary, final: false};
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      listening -= 1;
    };
    await using dashboard = new TestDashboard({gates: [], cluster});
    expect(listening).toBe(0);
    dashboard.press('6');
    await dashboard.shows('HD_login', 'HD_shop', 'no money', '2 calls, 1 error');
    expect(listening).toBe(1);
    dashboard.press('t');
    await dashboard.shows('MS P99', 'HD_shop');
    dashboard.press('1');
    await until(() => listening === 0, {what: 'the end of listening'});
  });

  test('explains that it is not permitted to listen', async () => {
    const cluster = refused(fakeCluster(twoGates()), new PermissionError('NATS denies permission to listen'));
    await using dashboard = new TestDashboard({gates: [], cluster});
    await dashboard.shows('6 Trac');
    dashboard.press('6');
    await dashboard.shows('trace unavailable: NATS denies permission to listen', '[1 Overview]');
    await dashboard.hides('6 Trac');
    dashboard.press('6');
    await dashboard.shows('6: NATS denies permission to listen');
  });
});

describe('the screen of one session', () => {
  test('reports a kick, and opens the new session of the user', async () => {
    const gates = twoGates() as [FakeGate, FakeGate];
    await using dashboard = new TestDashboard({gates});
    dashboard.press('2');
    await dashboard.shows('ann');
    dashboard.press('enter');
    await dashboard.shows('live', '5e55000000000ann');
    dashboard.press('enter');
    await dashboard.shows('Enter: no setting to open');
    dashboard.press('K', 'y');
    await dashboard.shows('GONE', 'closed, session removed');
    const {session} = person('ann', 0, 'Gate@b');
    gates[1].add(aRow({...session, sessionId: 'bac0000000000ann'}));
    await dashboard.shows('BACK: Enter');
    dashboard.press('enter');
    await dashboard.shows('bac0000000000ann', 'Gate@b', 'live');
  });

  test('shows every field on a small screen', async () => {
    await using dashboard = new TestDashboard({gates: twoGates(), size: {columns: 60, rows: 15}});
    dashboard.press('2');
    await dashboard.shows('ann');
    dashboard.press('enter');
    await dashboard.shows('age      ', ', since', 'idle ', 'messages ', 'record ', 'SETTING', 'EVENTS');
  });

  test('marks a setting that differs from the record', async () => {
    const gates = twoGates();
    const value = encodeSession(aSession({userId: 'bob', settings: stringBag([['room', 'cellar']])}));
    gates[0]?.records.set('bob', {uid: 'bob', value, revision: '1', expiresAt: 0});
    await using dashboard = new TestDashboard({gates});
    dashboard.press('2');
    await dashboard.shows('bob');
    dashboard.press('G', 'enter');
    await dashboard.shows('>!room', 'lobby', 'cellar');
    dashboard.press('R');
    await dashboard.shows('settings.room', 'cellar', 'lobby');
  });
});

describe('commands', () => {
  test('y shows the command of the screen, and prints it at the end', async () => {
    const dashboard = new TestDashboard({gates: twoGates(), about: {flags: ['--context', 'prod eu']}});
    dashboard.press('2');
    await dashboard.shows('ann');
    dashboard.press('y');
    await dashboard.shows("gatectl --context 'prod eu' sessions list --sort age");
    dashboard.press('q');
    expect(await dashboard.ended).toEqual([
      "gatectl --context 'prod eu' sessions list --sort age --limit 50",
    ]);
    expect(dashboard.terminal.isClosed).toBe(true);
  });

  test('y copies to the clipboard where that is supported', async () => {
    await using dashboard = new TestDashboard({gates: twoGates(), about: {clipboard: true}});
    dashboard.press('y');
    await dashboard.shows('copied: gatectl gates info');
    expect(dashboard.terminal.copied).toEqual(['gatectl gates info']);
  });

  test('the command bar completes, reports unknown commands, and closes', async () => {
    await using dashboard = new TestDashboard({gates: twoGates()});
    await dashboard.shows('Gate@a');
    dashboard.press(':');
    dashboard.type('nonsense');
    dashboard.press('enter');
    await dashboard.shows('unknown command "nonsense"');
    dashboard.press('ctrl-u');
    dashboard.type('us');
    dashboard.press('tab');
    dashboard.type(' cid');
    dashboard.press('enter');
    await dashboard.shows('where uid == "cid"', '5e55000000000cid');
  });
});
