import stringWidth from 'string-width';
import {describe, expect, test} from 'vitest';
import {CallError, UnreachableError} from '../../../src/base/errors.js';
import type {TracedCall, TraceEvent, TraceSummary} from '../../../src/cluster/cluster.js';
import {eventKinds} from '../../../src/session/codec/event-page.js';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import type {ScreenSize} from '../../../src/tui/term/terminal.js';
import {TestDashboard} from '../../support/dashboard.js';
import {dangersIn, evilConnection, evilSession, evilText} from '../../support/evil.js';
import {aRow, aSession, FakeGate} from '../../support/fake-gate.js';
import {fakeCluster} from '../../support/run-cli.js';

const id = 'f00dfeedf00dfeed';
const uid = `uid${evilText}`;
/** With characters that take two columns, or none. */
const wideText = `宽👩‍👩‍👧é${evilText}`;

const evilCall: TracedCall = {
  ...{at: 1, fn: `HD${evilText}`, node: evilText, address: evilText, caller: evilText, hostname: evilText},
  ...{session: evilText, uid: evilText, sessions: 1, error: evilText, ms: 1, callBytes: 1, replyBytes: 1},
  outcome: 'error',
};

const {calls: _, ...noCounts} = Object.fromEntries(
  [
    ...[
      'messages',
      'bytes',
      'calls',
      'answered',
      'noReply',
      'unanswered',
      'missed',
      'overflowed',
      'open',
      'errors',
    ],
    ...['strayReplies', 'foreign', 'gaps', 'notShown', 'notSaved'],
  ].map((name) => [name, 0]),
);

const evilSummary = {
  ...{from: 0, to: 1000, selected: 1, otherCalls: 0},
  counts: {calls: 1, ...noCounts} as unknown as TraceSummary['counts'],
  functions: [
    {
      ...{type: evilText, fn: `total${wideText}`, calls: 1, errors: 0, unanswered: 0},
      ...{p50: 1, p95: 1, p99: 1, max: 1, callBytes: 1, replyBytes: 1},
    },
  ],
};

/** Two gates: one good with an evil session, one that answers with evil words; a record and a journal of evil text. */
function evilWorld() {
  const good = new FakeGate('Gate@a', [
    aRow(
      {...evilSession(id, `Gate@a${evilText}`), ip: wideText, topic: wideText},
      {connectionState: evilConnection},
    ),
  ]);
  good.health = {...good.health, loopDelayMs: 5000};
  const session = encodeSession(aSession(evilSession(id, 'Gate@a')));
  good.records.set(uid, {uid, value: session, revision: `7${evilText}`, expiresAt: 0});
  good.records.set(`x${evilText}`, {
    uid: `x${evilText}`,
    value: Buffer.from(evilText),
    revision: '1',
    expiresAt: 0,
  });
  good.onWatched = () => {
    for (const kind of eventKinds)
      if (kind !== 'closed')
        good.emit({kind, session, uidBefore: evilText, keys: [evilText, `key${evilText}`], why: evilText}, 1);
  };
  const bad = new FakeGate(`Gate@b${evilText}`);
  bad.before = (fn) => {
    throw new CallError({reason: 'refused', node: bad.nodeId, fn}, `${bad.nodeId} refused: ${evilText}`);
  };
  const entry = {
    id: evilText,
    at: 1,
    actor: evilText,
    command: evilText,
    target: evilText,
    outcome: evilText,
    uids: [evilText],
    reason: wideText,
    entry: {text: evilText, [evilText]: evilText},
  };
  const gates = [good, bad];
  const cluster = fakeCluster(gates);
  cluster.trace = async function* ({signal}): AsyncGenerator<TraceEvent> {
    yield {type: 'call', call: evilCall};
    yield {type: 'gap', at: 1, why: evilText};
    yield {type: 'summary', summary: evilSummary, final: false};
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
  };
  const findings = [
    {check: evilText, subject: wideText, state: 'fail', detail: wideText, next: evilText},
  ] as const;
  const contexts = {
    [`ctx${wideText}`]: {gates: [good], about: {server: wideText}},
    [`down${evilText}`]: {
      gates: [],
      open: async () => {
        throw new UnreachableError(wideText, {hint: evilText});
      },
    },
  };
  const about = {server: evilText, context: evilText};
  return {gates, cluster, findings, journal: [entry], about, contexts};
}

/** The same, with the totals of other contexts in the overview. */
const withSides = () => {
  const world = evilWorld();
  return {...world, sides: Object.keys(world.contexts)};
};

/** What the terminal gets without our own colours. */
function withoutColours(text: string): string {
  const csi = '\u001b[';
  const [first, ...rest] = text.split(csi);
  const ours = /^[\d;]*m/;
  return [first, ...rest.map((part) => (ours.test(part) ? part.replace(ours, '') : csi + part))].join('');
}

/** Keys that lead to each screen, `wait` with a text to wait for, and a text that it has then. */
const screens: readonly (readonly [name: string, keys: readonly string[], text: string])[] = [
  ['overview', ['1'], 'GATE'],
  ['the overview of a gate', ['1', 'j'], '>'],
  ['all gates in full', ['1', 'J'], '[JSON]'],
  ['the contexts', ['1', ':', ...'context', 'enter'], 'contexts  '],
  ['the names of contexts', ['1', ':', ...'context ', 'tab'], ' ctx'],
  ['an anomaly in full', ['7', 'J'], '"severity"'],
  ['a finding in full', ['8', 'J'], '"check"'],
  ['the totals by function', ['6', 'wait HD', 't'], 'total'],
  ['a total in full', ['6', 'wait HD', 't', 'wait total', 'J'], '[JSON]'],
  ['the help', ['?'], '1/7'],
  ['sessions', ['2'], id],
  ['sessions, sorted and with other columns', ['2', 'o', 'ctrl-u', ...'settings.User-Agent', 'enter'], id],
  ['a session', ['2', 'enter'], 'SETTING'],
  ['its events', ['2', 'enter', 'tab'], 'KIND'],
  ['events', ['3'], 'settings'],
  ['records', ['4'], 'UNDECOD'],
  ['a record', ['4', 'enter'], 'FIELD'],
  ['the trace', ['6'], 'HD'],
  ['the journal', ['5'], 'COMMAND'],
  ['an entry of the journal', ['5', 'enter'], '"text"'],
  ['the dialog of a kick', ['2', 'K'], '$ gatectl'],
  ['the dialog of a message', ['2', 's'], '$ gatectl'],
  ['the dialog of a bind', ['2', 'b'], '$ gatectl'],
  ['the dialog of a deletion', ['4', 'D'], 'y yes'],
  ['the dialog of a drain', ['1', 'j', 'd'], '$ gatectl'],
  ['the anomalies', ['7'], 'undecodable'],
  ['the dialog of a fix', ['7', 'K'], '$ gatectl'],
  ['the doctor', ['8'], 'DETAIL'],
  ['the longer form of a kick', ['2', 'K', 'tab'], 'message'],
  ['writes', ['2', 's', ...'/a', 'enter', ...'b', 'enter', 'wait 1 byte written', '9'], 'WRITE'],
  [
    'the dialog of an undo',
    ['2', 'enter', 'e', 'shift-tab', ...'k', 'enter', ...'v', 'enter', 'wait z undoes', 'z'],
    'restore these',
  ],
  ['the filter', ['2', '/'], 'Tab:'],
  ['the command bar with uids', ['2', ':', ...'user ', 'tab'], 'Tab:  uid'],
  ['a whole session', ['2', 'J'], '[JSON]'],
  ['a whole session as YAML', ['2', 'J', 'wait YAML', 'tab'], '[YAML]'],
  ['its fields', ['2', 'enter', 'wait SETTING', 'tab', 'tab', 'down', 'down'], '>uid'],
  [
    'a field in full',
    ['2', 'enter', 'wait SETTING', 'tab', 'tab', 'down', 'down', 'enter'],
    'uid of Gate@a/f00d',
  ],
  ['a setting in full', ['2', 'enter', 'wait SETTING', 'enter'], '[text]'],
  ['the bytes of a setting', ['2', 'enter', 'wait revision', 'enter', 'tab'], '00000000  '],
  ['a whole record', ['4', 'J'], '"uid"'],
  ['the bytes of a record', ['4', 'enter', 'wait read by', 'down', 'down', 'down', 'down', 'enter'], '[hex]'],
  [
    'the record as text',
    ['4', 'enter', 'wait read by', 'down', 'down', 'down', 'down', 'enter', 'tab'],
    '[text]',
  ],
  ['a whole event', ['3', 'wait settings', 'G', 'J'], '"type"'],
  ['a whole call', ['6', 'wait HD', 'g', 'J'], '"node"'],
  ['a whole journal entry', ['5', 'J'], '"text"'],
  ['all messages', ['1', '!'], 'Bus and registry'],
  ['a search', ['2', '/', ...'bob'], 'MATCH'],
  ['a search in a text', ['2', 'J', '/', ...'bob', 'enter'], '[JSON]'],
  ['the line that names a file', ['2', 'w'], 'write to: sessions-'],
  ['what was copied', ['2', 'enter', 'wait SETTING', 'c'], 'copied.txt'],
  ['the command of the screen', ['2', 'enter', 'y'], 'printed when you quit'],
];

/** What says that the rows of a screen have come. */
const thereOn: Readonly<Record<string, string>> = {
  2: id,
  3: 'KIND',
  4: '2 records',
  5: '1 write',
  7: 'undecodable',
  8: '1 failure',
};

describe.each([
  {columns: 60, rows: 15},
  {columns: 80, rows: 24},
  {columns: 200, rows: 50},
])('A05: an evil session at $columns x $rows', (size) => {
  test.each(screens)('%s', async (_, keys, text) => {
    await using dashboard = new TestDashboard({...evilWorld(), size});
    await dashboard.shows('Gate@a', 'silent');
    for (const key of keys) {
      if (key.startsWith('wait ')) {
        await dashboard.shows(key.slice('wait '.length));
        continue;
      }
      dashboard.press(key === ' ' ? 'space' : key);
      const there = thereOn[key];
      if (there !== undefined) await dashboard.shows(there);
    }
    await dashboard.shows(text);
    expectSound(dashboard, size);
  });

  test('the overview with totals of other contexts', async () => {
    await using dashboard = new TestDashboard({...withSides(), size});
    await dashboard.shows('Gate@a', 'silent');
    if (size.rows > 15) await dashboard.shows('CONTEXTS', 'ctx');
    expectSound(dashboard, size);
  });
});

/** Nothing dangerous reaches the terminal, and no row is wider than it. */
function expectSound({terminal}: TestDashboard, {columns, rows}: ScreenSize): void {
  const drawn = withoutColours(terminal.drawn());
  expect(dangersIn(drawn), drawn).toEqual([]);
  const lines = drawn.split('\n');
  expect(lines).toHaveLength(rows);
  for (const line of lines) expect(stringWidth(line), line).toBeLessThanOrEqual(columns);
}

test('A05: pasted text is never taken for keys', async () => {
  const world = evilWorld();
  await using dashboard = new TestDashboard(world);
  await dashboard.shows('Gate@a');
  dashboard.press('2');
  await dashboard.shows(id);
  dashboard.terminal.input({type: 'paste', text: 'Kyq'});
  dashboard.press('/');
  dashboard.terminal.input({type: 'paste', text: `uid == "${evilText}"`});
  const screen = await dashboard.shows('uid == ');
  expect(dangersIn(screen)).toEqual([]);
  expect(world.gates[0]?.calls).not.toContain('Close');
});
