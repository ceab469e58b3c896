import {describe, expect, test} from 'vitest';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {stringBag} from '../../../src/session/session.js';
import {aRow, aSession, FakeGate} from '../../support/fake-gate.js';
import {type CliWorld, gatectl, noon} from '../../support/run-cli.js';

const id = 'f00dfeedf00dfeed';

function world(): CliWorld {
  const fields = {traceId: 'a1', spanId: 'b2', serverId: 'Gate@a'};
  const settings = stringBag([['room', 'lobby']]);
  const gate = new FakeGate('Gate@a', [
    aRow(
      {...fields, sessionId: id, userId: 'neo', settings},
      {connectedAt: noon - 3_600_000, lastActiveAt: noon - 5_000},
    ),
    aRow(
      {...fields, sessionId: 'cafe', network: 'websocket', ip: '10.0.0.1'},
      {connectedAt: noon - 60_000, lastActiveAt: 0},
    ),
  ]);
  gate.now = () => noon;
  const value = encodeSession(aSession({userId: 'neo', sessionId: id}));
  gate.records.set('neo', {uid: 'neo', value, revision: '7', expiresAt: 0});
  return {gates: [gate], contexts: {prod: {server: 'nats://10.0.0.1:4222'}}, now: noon};
}

/** Commands whose answer is one document; the others write lines of their own (JSON lines, scripts, configuration). */
const documents = [
  'sessions list',
  `sessions get ${id}`,
  'sessions find neo',
  'sessions find nobody',
  'sessions count',
  'sessions count --by network',
  'sessions top --by sent',
  'sessions kick --uid neo --dry-run',
  `sessions kick ${id} --yes`,
  `settings list ${id}`,
  `settings get ${id} room`,
  `settings set ${id} a=b`,
  `settings unset ${id} room`,
  `bind ${id} trinity`,
  `bind ${id} trinity --dry-run`,
  `unbind ${id}`,
  `send ${id} /t x`,
  'send --all /t x',
  'broadcast /t x --yes',
  'records list',
  'records get neo',
  'records diff neo',
  'gates list',
  'gates info',
  'gates ping',
  'gates drain Gate@a --yes',
  'gates resume Gate@a',
  'doctor',
  'anomalies',
  'context list',
  'plugin list',
  'context show',
  'audit list',
  'decode 0a0161',
  'encode {"sessionId":"a"}',
] as const;

const failures = [
  'sessions get nothing',
  'sessions list --where uidd==1',
  'gates info Gate@b',
  'nothing at all',
  `settings get ${id} nothing`,
  `bind ${id} trinity --read-only`,
] as const;

describe('H09: data on stdout, notices on stderr', () => {
  test.each(documents)('%s: one document', async (line) => {
    const {out, err} = await gatectl([...line.split(' '), '-o', 'json'], world());
    expect(JSON.parse(out)).toBeTypeOf('object');
    expect(out).not.toMatch(/warning:|error:|hint:/);
    expect(err).not.toContain('{');
    const quiet = await gatectl([...line.split(' '), '-o', 'json', '--quiet'], world());
    expect(quiet.err.split('\n').filter((text) => text !== '' && !text.startsWith('warning: '))).toEqual([]);
    expect(JSON.parse(quiet.out)).toBeTypeOf('object');
  });

  test.each(failures)('%s: nothing on stdout, one JSON error on stderr', async (line) => {
    const {code, out, err} = await gatectl(['-o', 'json', ...line.split(' ')], world());
    expect(code).toBeGreaterThan(0);
    expect(out).toBe('');
    expect(JSON.parse(err)).toMatchObject({error: {exitCode: code, message: expect.any(String)}});
  });
});

describe('H19: output formats', () => {
  test('the wide format is stable', async () => {
    expect((await gatectl('sessions list -o wide --color never', world())).out).toMatchInlineSnapshot(`
      "ID                UID  GATE    NETWORK    IP               AGE  IDLE  RECEIVED  SENT  SETTINGS
      cafe                   Gate@a  websocket  10.0.0.1          1m     -         3     4
      f00dfeedf00dfeed  neo  Gate@a  tcp        127.0.0.1:50000   1h    5s         3     4  room=lobby
      "
    `);
  });

  test('the tsv format is stable', async () => {
    expect((await gatectl('sessions list -o tsv', world())).out).toMatchInlineSnapshot(`
      "cafe		Gate@a	websocket	10.0.0.1	2026-01-01T11:59:00.000Z	-
      f00dfeedf00dfeed	neo	Gate@a	tcp	127.0.0.1:50000	2026-01-01T11:00:00.000Z	2026-01-01T11:59:55.000Z
      "
    `);
  });

  test('the csv format is stable', async () => {
    expect((await gatectl('sessions list -o csv', world())).out).toMatchInlineSnapshot(`
      ""ID",UID,GATE,NETWORK,IP,AGE,IDLE,RECEIVED,SENT,SETTINGS
      cafe,,Gate@a,websocket,10.0.0.1,2026-01-01T11:59:00.000Z,'-,3,4,
      f00dfeedf00dfeed,neo,Gate@a,tcp,127.0.0.1:50000,2026-01-01T11:00:00.000Z,2026-01-01T11:59:55.000Z,3,4,room=lobby
      "
    `);
  });

  test('the jsonl format is stable', async () => {
    const {out} = await gatectl('sessions list -o jsonl', world());
    expect(out.replace(/"ms":\d+/, '"ms":0')).toMatchInlineSnapshot(`
      "{"id":"cafe","gate":"Gate@a","uid":"","guest":true,"network":"websocket","ip":"10.0.0.1","connectedAt":"2026-01-01T11:59:00.000Z","lastActiveAt":null,"received":3,"sent":4,"settings":{}}
      {"id":"f00dfeedf00dfeed","gate":"Gate@a","uid":"neo","guest":false,"network":"tcp","ip":"127.0.0.1:50000","connectedAt":"2026-01-01T11:00:00.000Z","lastActiveAt":"2026-01-01T11:59:55.000Z","received":3,"sent":4,"settings":{"room":"lobby"}}
      {"summary":{"version":1,"count":2,"limited":false,"total":2,"complete":true,"gates":[{"node":"Gate@a","status":"ok","ms":0,"count":2}]}}
      "
    `);
  });
});
