import {promises as fs} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {CallError} from '../../../src/base/errors.js';
import {catalogue} from '../../../src/cli/catalogue.js';
import type {JournalLine} from '../../../src/cli/journal/journal.js';
import {outputFormats} from '../../../src/output/formats/presenter.js';
import {eventKinds} from '../../../src/session/codec/event-page.js';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {callBytes, caller, resultBytes, span, text} from '../../support/envelopes.js';
import {dangersIn, evilConnection, evilSession, evilText} from '../../support/evil.js';
import {aRow, aSession, FakeGate} from '../../support/fake-gate.js';
import {planFile} from '../../support/plan-file.js';
import {type CliWorld, gatectl, memoryJournal} from '../../support/run-cli.js';
import {TapBus} from '../../support/tap-bus.js';
import {isThorough} from '../../support/tiers.js';

const id = 'f00dfeedf00dfeed';
const other = 'f00dfeedf00dfee0';
const uid = `uid${evilText}`;
const hex = Buffer.from(encodeSession(aSession(evilSession(id, 'Gate@a')))).toString('hex');

const evilPlan = planFile({action: 'set', about: {settings: {[`a${evilText}`]: evilText}}, where: evilText}, [
  {gate: 'Gate@a', id, uid: `another${evilText}`},
  {gate: 'Gate@a', id: evilText, uid: evilText},
]);

/** Command lines of each command that could print something of a session; a command without any says why. */
const matrix: Readonly<Record<string, readonly (readonly string[])[] | string>> = {
  'sessions list': [
    ['sessions', 'list'],
    ['sessions', 'list', '--uid', uid, '--setting', `key${evilText}`],
    ['sessions', 'list', '--where', evilText],
    ['sessions', 'list', '--records', '--tap', '10ms'],
    ['sessions', 'list', '--store', `redis://${evilText}`],
    ['sessions', 'list', '--sort', `settings.key${evilText}`, '--columns', `session,settings.key${evilText}`],
    ['sessions', 'list', '--sort', evilText],
    ['sessions', 'list', '--columns', evilText],
  ],
  'sessions top': [
    ['sessions', 'top', '--by', 'sent', '--once'],
    ['sessions', 'top', '--by', 'waiting', '--once'],
  ],
  'sessions get': [
    ['sessions', 'get', id],
    ['sessions', 'get', `Gate@a/${id}`],
  ],
  'sessions find': [
    ['sessions', 'find', uid],
    ['sessions', 'find', uid, '--records', '--tap', '10ms'],
    ['sessions', 'find', `nobody${evilText}`],
  ],
  'sessions count': [
    ['sessions', 'count'],
    ['sessions', 'count', '--by', `settings.key${evilText}`],
    ['sessions', 'count', '--by', evilText],
  ],
  'sessions kick': [
    ['sessions', 'kick', id, '--yes'],
    ['sessions', 'kick', '--uid', uid, '--dry-run'],
    ['sessions', 'kick', '--all', '--yes'],
    ['sessions', 'kick', '--resume', `/dev/null/none${evilText}`],
  ],
  send: [
    ['send', id, '/topic', evilText],
    ['send', id, evilText, 'body'],
    ['send', evilText, '/topic', 'body'],
    ['send', '--uid', uid, '/topic', 'body'],
    ['send', id, '/topic', 'body', evilText],
  ],
  apply: [
    ['apply', `/dev/null/none${evilText}`],
    ['apply', evilPlan, '--yes'],
    ['apply', evilPlan, '--dry-run'],
  ],
  broadcast: [
    ['broadcast', '/topic', evilText],
    ['broadcast', evilText, 'body'],
  ],
  bind: [
    ['bind', id, `other${evilText}`],
    ['bind', id, uid, '--dry-run'],
    ['bind', id, 'other', '--duplicate', 'refuse', '--allow-partial'],
    ['bind', evilText, 'neo'],
    ['bind', id, 'neo', '--duplicate', evilText],
  ],
  unbind: [
    ['unbind', id],
    ['unbind', '--uid', uid],
  ],
  'sessions watch': [
    ['sessions', 'watch', '--limit', '5'],
    ['sessions', 'watch', '--kinds', evilText],
    ['sessions', 'watch', '--uid', evilText, '--for', '20ms'],
  ],
  trace: [
    ['trace', '--for', '20ms'],
    ['trace', '--for', '20ms', '--bodies'],
    ['trace', '--for', '20ms', '--summary'],
    ['trace', '--where', evilText],
    ['trace', '--subject', evilText],
    ['trace', '--from', `/dev/null/none${evilText}`],
    ['trace', '--save', `/dev/null/none${evilText}`],
  ],
  'settings list': [['settings', 'list', id]],
  'settings get': [
    ['settings', 'get', id, 'User-Agent'],
    ['settings', 'get', id, `key${evilText}`],
    ['settings', 'get', id, evilText],
  ],
  'settings set': [
    ['settings', 'set', id, `a${evilText}=b${evilText}`],
    ['settings', 'set', id, 'a=b', '--if', `key${evilText}=${evilText}`],
    ['settings', 'set', '--uid', uid, `a${evilText}=b${evilText}`],
    ['settings', 'set', '--uid', uid, `a${evilText}=b`, '--dry-run'],
  ],
  'settings unset': [['settings', 'unset', id, `key${evilText}`, `none${evilText}`]],
  'settings edit': [
    ['settings', 'edit', id],
    ['settings', 'edit', id, '--dry-run'],
    ['settings', 'edit', evilText],
  ],
  'settings undo': [['settings', 'undo', id]],
  'audit list': [
    ['audit', 'list'],
    ['audit', 'list', '--target', evilText],
  ],
  'audit export': [['audit', 'export']],
  'records list': [['records', 'list']],
  'records get': [
    ['records', 'get', uid],
    ['records', 'get', `garbage${evilText}`],
    ['records', 'get', evilText],
  ],
  'records probe': [
    ['records', 'probe'],
    ['records', 'probe', '--store', `redis://${evilText}`],
    ['records', 'probe', '--store', `file:/dev/null/none${evilText}`],
  ],
  'records delete': [
    ['records', 'delete', uid, '--yes'],
    ['records', 'delete', uid, '--yes', '--kick'],
  ],
  'records set': [
    ['records', 'set', uid, `a${evilText}=b${evilText}`],
    ['records', 'set', uid, 'a=b', '--online-too'],
    ['records', 'set', uid, evilText],
  ],
  'records diff': [['records', 'diff', uid]],
  'records expire': [
    ['records', 'expire', uid, '10m'],
    ['records', 'expire', uid, evilText],
  ],
  'records export': [['records', 'export']],
  'records import': [
    ['records', 'import', '-'],
    ['records', 'import', `/dev/null/none${evilText}`],
    ['records', 'import', '-', '--store', `redis://${evilText}`],
  ],
  decode: [
    ['decode', hex],
    ['decode', evilText],
    ['decode', '--file', `/dev/null/none${evilText}`],
  ],
  encode: [
    ['encode', JSON.stringify({sessionId: id, userId: uid})],
    ['encode', evilText],
  ],
  'gates list': [['gates', 'list']],
  'gates info': [
    ['gates', 'info'],
    ['gates', 'info', evilText],
  ],
  'gates ping': [['gates', 'ping']],
  'gates drain': [
    ['gates', 'drain', evilText, '--yes'],
    ['gates', 'drain', 'Gate@*', '--yes', '--wait', '50ms'],
  ],
  'gates resume': [['gates', 'resume', evilText]],
  dashboard: [['dashboard'], ['dashboard', '--theme', evilText]],
  doctor: [['doctor'], ['doctor', '--permissions'], ['doctor', '--permissions', '--gate-type', evilText]],
  anomalies: [
    ['anomalies', '--guest-older-than', '1s'],
    ['anomalies', '--checks', evilText],
    ['anomalies', '--gate', evilText],
    ['anomalies', '--store', `redis://${evilText}`],
  ],
  metrics: [['metrics'], ['metrics', '--listen', evilText]],
  'snapshot save': [['snapshot', 'save', `/dev/null/none${evilText}`]],
  'snapshot list': [
    ['snapshot', 'list'],
    ['snapshot', 'list', `/dev/null/none${evilText}`],
  ],
  'snapshot diff': [
    ['snapshot', 'diff', evilText],
    ['snapshot', 'diff', 'test/vectors/evil-snapshot.jsonl'],
    ['snapshot', 'diff', 'test/vectors/evil-snapshot.jsonl', 'test/vectors/evil-snapshot.jsonl'],
    ['snapshot', 'diff', 'test/vectors/evil-snapshot.jsonl', '--records'],
    ['sessions', 'list', '--snapshot', 'test/vectors/evil-snapshot.jsonl'],
    ['sessions', 'kick', '--all', '--snapshot', evilText],
  ],
  'gate run': [['gate', 'run', '--tcp', evilText]],
  'gate passwd': [
    ['gate', 'passwd', `/dev/null/none${evilText}`, 'neo'],
    ['gate', 'passwd', '/dev/null', evilText],
  ],
  'context list': [['context', 'list']],
  'context add': [
    ['context', 'add', evilText],
    ['context', 'add', 'new', '--gate-type', evilText],
  ],
  'context edit': [['context', 'edit', 'dev', '--gate-type', evilText]],
  'context use': [['context', 'use', evilText]],
  'context show': [
    ['context', 'show'],
    ['context', 'show', evilText],
  ],
  'context import-nats': [['context', 'import-nats', evilText]],
  'context remove': [['context', 'remove', evilText]],
  'addon install': [['addon', 'install', `/nonexistent${evilText}`]],
  'plugin list': [['plugin', 'list']],
  completion: [
    ['completion', 'zsh'],
    ['completion', evilText],
  ],
  dev: 'prints what it has made itself; its option that takes a text is a path that is run, in the test of dev',
  demo: 'prints what it has made itself, through the commands of this matrix',
};

const evilEntry: readonly JournalLine[] = [
  {
    ...{version: 1, id: evilText, phase: 'intent', at: '2026-01-01T00:00:00.000Z', actor: evilText},
    ...{context: evilText, server: evilText, command: `settings ${evilText}`, reason: evilText},
    input: {session: evilText, args: [evilText]},
  },
  {
    ...{version: 1, id: evilText, phase: 'result', at: '2026-01-01T00:00:01.000Z', ms: 1, exitCode: 1},
    error: evilText,
    changes: [
      {
        target: `Gate@a/${id}`,
        before: {uid: evilText, settings: {[evilText]: evilText}},
        after: {uid: evilText, settings: {'User-Agent': evilText}},
      },
    ],
  },
];

/** An editor in which every value becomes another. */
async function appendToValues(file: string): Promise<void> {
  const text = await fs.readFile(file, 'utf8');
  expect(dangersIn(text)).toEqual([]);
  await fs.writeFile(file, text.replaceAll(/"(,?\n)/g, ' more"$1'));
}

/** Calls of which every text is evil. */
function evilTraffic(): TapBus {
  const session = {type: 'SESSION', value: aSession(evilSession(id, `Gate@a${evilText}`))} as const;
  const by = {caller: `caller${evilText}`};
  return new TapBus([
    [`_INBOX.${evilText}`, callBytes('1', `HD_${evilText}`, [session, text(evilText)], by)],
    [caller, resultBytes('1', {type: 'null'}, `no${evilText}`)],
    ['mqant.gate.Gate.a.Update', callBytes(evilText, 'Update', [span, text(`id${evilText}`)], by)],
    [caller, resultBytes(evilText, session)],
    [caller, Buffer.from(evilText)],
  ]);
}

/** Two gates: one good with evil sessions, one that answers with evil words. */
function world(terminal: 'all' | 'none'): CliWorld {
  const good = new FakeGate('Gate@a', [
    aRow(evilSession(id, `Gate@a${evilText}`), {connectionState: evilConnection}),
    aRow(evilSession(other, 'Gate@a')),
  ]);
  const value = encodeSession(aSession(evilSession(id, 'Gate@a')));
  good.records.set(uid, {uid, value, revision: `7${evilText}`, expiresAt: 0});
  const garbage = `garbage${evilText}`;
  good.records.set(garbage, {uid: garbage, value: Buffer.from(evilText), revision: '1', expiresAt: 0});
  good.onWatched = () => {
    const session = encodeSession(aSession(evilSession(id, 'Gate@a')));
    for (const kind of eventKinds)
      good.emit({kind, session, uidBefore: evilText, keys: [evilText, `key${evilText}`], why: evilText}, 1);
  };
  const bad = new FakeGate(`Gate@b${evilText}`);
  bad.before = (fn) => {
    throw new CallError(
      {reason: 'refused', node: bad.nodeId, fn},
      `${bad.nodeId} refused ${fn}: ${evilText}`,
    );
  };
  const journal = memoryJournal();
  journal.lines.push(...evilEntry);
  return {
    journal,
    tapBus: evilTraffic(),
    gates: [good, bad],
    terminal,
    stdin: `${JSON.stringify({uid, value: Buffer.from(value).toString('base64')})}\n`,
    contexts: {dev: {server: `nats://127.0.0.1:4222/${evilText}`, inboxPrefix: evilText}},
    selected: 'dev',
    env: {GATECTL_SERVER: 'nats://127.0.0.1:4222', NO_COLOR: '1', EDITOR: `ed${evilText}`},
    edit: (file) => appendToValues(file),
  };
}

const lines = Object.entries(matrix).flatMap(([path, some]) =>
  typeof some === 'string'
    ? []
    : some.map((line, at) => ({name: at === 0 ? path : `${path} (${at + 1})`, line})),
);

describe('A02: a hostile session in every command and format', () => {
  test('the matrix has a row for every command', () => {
    expect(Object.keys(matrix).sort()).toEqual(catalogue.map(({path}) => path).sort());
  });

  test('the detector finds control characters', () => {
    expect(dangersIn(evilText).length).toBeGreaterThan(6);
    expect(dangersIn('a\tb\n一 ü {"a": 1}')).toEqual([]);
  });

  /**
   * A format is for what goes to stdout. A line that writes nothing there looks alike in all but JSON, which has errors of
   * its own, so every day it is run in these two.
   */
  const formatsOf = async (line: readonly string[]) =>
    isThorough || (await gatectl(line, world('none'))).out !== ''
      ? [...outputFormats, undefined]
      : ['json', undefined];
  const quiet = {terminal: 'none', extra: []} as const;
  const talkative = {terminal: 'all', extra: ['--verbose']} as const;
  const others = [
    {terminal: 'none', extra: ['--verbose']},
    {terminal: 'all', extra: []},
  ] as const;

  test.each(lines)('$name', async ({line}) => {
    for (const format of await formatsOf(line)) {
      const asked = format === undefined ? line : [...line, '-o', format];
      for (const {terminal, extra} of [quiet, talkative, ...(isThorough ? others : [])]) {
        const {out, err} = await gatectl([...asked, ...extra], world(terminal));
        expect(dangersIn(out), `${asked.join(' ')}: ${out}`).toEqual([]);
        expect(dangersIn(err), `${asked.join(' ')}: ${err}`).toEqual([]);
        expect(out + err).not.toBe('');
      }
    }
  });

  test.each([
    ['sessions', 'kick', id],
    ['records', 'delete', uid, '--kick'],
  ])('the question before %s %s', async (...line) => {
    const {code, err} = await gatectl(line, {...world('all'), stdin: 'no\n'});
    expect(code).toBe(6);
    expect(err).toContain('?');
    expect(dangersIn(err), err).toEqual([]);
  });

  test('one row of tsv is one line with the usual number of columns', async () => {
    const {out} = await gatectl(['sessions', 'list', '-o', 'tsv'], world('none'));
    const rows = out.trimEnd().split('\n');
    expect(rows).toHaveLength(2);
    expect(new Set(rows.map((row) => row.split('\t').length)).size).toBe(1);
  });

  test('JSON keeps every field of it', async () => {
    const {out} = await gatectl(['sessions', 'get', id, '-o', 'json'], world('none'));
    const {settings, ...fields} = evilSession(id, `Gate@a${evilText}`);
    const {userId, ...rest} = fields;
    expect(JSON.parse(out)).toMatchObject({
      uid: userId,
      ip: rest.ip,
      network: rest.network,
      settings: {...settings},
    });
  });
});
