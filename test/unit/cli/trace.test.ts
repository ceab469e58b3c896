import {statSync} from 'node:fs';
import {readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {stringBag} from '../../../src/session/session.js';
import {callBytes, caller, resultBytes, span, text} from '../../support/envelopes.js';
import {aSession, FakeGate} from '../../support/fake-gate.js';
import {gatectl} from '../../support/run-cli.js';
import {TapBus} from '../../support/tap-bus.js';
import {type TemporaryFolder, temporaryFolder} from '../../support/temp.js';

const sid = '5f008e4b69780dc3';
const session = aSession({
  sessionId: sid,
  userId: 'u42',
  serverId: 'Gate@a',
  settings: stringBag([['token', 'canary']]),
});
const gate = 'mqant.gate.Gate.a';

const traffic = (): TapBus =>
  new TapBus([
    ['mqant.module.Game.1', callBytes('1', 'HD_say', [{type: 'SESSION', value: session}, text('hi')])],
    [caller, resultBytes('1')],
    [`${gate}.Update`, callBytes('2', 'Update', [span, text(sid)])],
    [caller, resultBytes('2', {type: 'null'}, 'No Sesssion found')],
    [`${gate}.Send`, callBytes('3', 'Send', [span, text(sid)], {reply: false})],
    [`${gate}.Close`, callBytes('4', 'Close', [span, text(sid)])],
    [caller, Buffer.from('{"type":"io.nats.micro"}')],
  ]);
const world = () => ({gates: [new FakeGate('Gate@a')], tapBus: traffic()});

describe('gatectl trace', () => {
  let folder: TemporaryFolder;
  beforeAll(async () => {
    folder = await temporaryFolder('gatectl-trace-');
  });
  afterAll(() => folder.remove());

  test('prints one line per call, then the totals', async () => {
    const {code, out, err} = await gatectl('trace --for 30ms -o tsv', world());
    const rows = out
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t').slice(1));
    expect(rows.map(([node, fn, who, id, uid, , outcome]) => [node, fn, who, id, uid, outcome])).toEqual([
      ['Game@1', 'HD_say', 'tester host1', sid, 'u42', 'ok'],
      ['Gate@a', 'Update', 'tester host1', sid, 'u42', 'error'],
      ['Gate@a', 'Send', 'tester host1', sid, 'u42', 'no-reply'],
      ['Gate@a', 'Close', 'tester host1', sid, 'u42', 'open'],
    ]);
    expect(rows[1]?.at(-1)).toBe('No Sesssion found');
    expect(err).toContain('listening on _INBOX.>, mqant.gate.>, mqant.module.>');
    expect(err).toContain(
      '4 calls heard, 4 selected: 2 answered (1 error), 1 one-way, 1 still pending, 1 unrelated message',
    );
    expect(code).toBe(0);
    expect(out).not.toContain('canary');
  });

  test('shows whole session ids on a narrow terminal, and leaves out the node with a notice', async () => {
    const terminal = {...world(), terminal: 'all', columns: 80} as const;
    const {out, err} = await gatectl('trace --for 30ms', terminal);
    const narrow = out.split('\n').slice(0, 2);
    for (const line of narrow) expect(line.length).toBeLessThanOrEqual(80);
    expect(narrow[1]).toContain(`${sid}  u42 `);
    expect(err).toContain('narrow terminal: left out NODE; to show all: -o wide');
    const wide = (await gatectl('trace --for 30ms', {...terminal, ...world(), columns: 120})).out;
    expect(wide).toContain(`${sid}  u42 `);
  });

  test('prints JSON lines that end with the summary', async () => {
    const {out} = await gatectl('trace --for 30ms -o jsonl --errors', world());
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines[0]).toMatchObject({
      ...{type: 'call', node: 'Gate@a', address: `${gate}.Update`, fn: 'Update', caller: 'tester'},
      ...{id: sid, uid: 'u42', outcome: 'error', error: 'No Sesssion found', ms: expect.any(Number)},
    });
    expect(lines[1]?.['summary']).toMatchObject({
      ...{
        version: 1,
        calls: 4,
        answered: 2,
        errors: 1,
        noReply: 1,
        open: 1,
        foreign: 1,
        selected: 4,
        complete: true,
      },
      functions: expect.arrayContaining([expect.objectContaining({fn: 'HD_say', type: 'Game', calls: 1})]),
    });
    expect(lines).toHaveLength(2);
  });

  test('prints the summary alone in each list format', async () => {
    const {code, out} = await gatectl('trace --for 30ms --summary -o json --node Gate', world());
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      version: 1,
      items: [
        {fn: 'Close', type: 'Gate', calls: 1},
        {fn: 'Send', calls: 1, ms: {p50: null}},
        {fn: 'Update', calls: 1, errors: 1, ms: {p50: expect.any(Number)}},
      ],
      ...{calls: 4, selected: 3, complete: true},
    });
  });

  test('stops at --limit and prints the summary', async () => {
    const {code, out, err} = await gatectl('trace --limit 1 -o jsonl', world());
    expect(code).toBe(0);
    expect(out.trimEnd().split('\n')).toHaveLength(2);
    expect(err).toContain('showing 1: there may be more'); // four calls were received
  });

  test('prints bodies only with --bodies, with secrets masked', async () => {
    const {out} = await gatectl('trace --for 30ms --bodies -o tsv', world());
    expect(out).toContain('"hi"');
    expect(out).toContain('(hidden)');
    expect(out).not.toContain('canary');
  });

  test('refuses document formats for a stream', async () => {
    const {code, err} = await gatectl('trace -o json', world());
    expect({code, err}).toEqual({code: 2, err: expect.stringContaining('use -o jsonl')});
  });

  test('replays a saved trace, also with other filters', async () => {
    const file = path.join(folder.path, 'incident.capture');
    const live = await gatectl(['trace', '--for', '30ms', '-o', 'jsonl', '--save', file], world());
    expect(live.code).toBe(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const replay = await gatectl(['trace', '--from', file, '-o', 'jsonl']);
    expect(replay.code).toBe(0);
    const calls = (text: string) => text.split('\n').filter((line) => line.includes('"type":"call"'));
    expect(calls(replay.out)).toEqual(calls(live.out));
    const some = await gatectl([
      'trace',
      '--from',
      file,
      '--fn',
      'HD_*',
      '--where',
      'uid == "u42"',
      '-o',
      'ids',
    ]);
    expect(some).toMatchObject({code: 0, out: `Game@1/${sid}\n`});

    const again = await gatectl(['trace', '--for', '30ms', '--save', file], world());
    expect(again).toMatchObject({code: 2, err: expect.stringContaining('already exists')});
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, bytes.length - 3));
    expect((await gatectl(['trace', '--from', file])).err).toContain('the capture is truncated');
  });

  test.each([
    [['--from', 'package.json/x'], 2, 'cannot read "package.json/x"'],
    [['--from', 'package.json'], 9, 'the file is not a capture'],
    [['--from', 'x', '--for', '1s'], 2, 'cannot combine --for with --from'],
    [['--save', 'package.json/x'], 2, 'cannot write "package.json/x"'],
    [['--subject', 'a..b'], 2, 'invalid NATS subject "a..b"'],
    [['--subject', '>.a'], 2, 'invalid NATS subject ">.a"'],
    [['--where', 'uid =='], 2, 'uid =='],
    [['--slow', 'soon'], 2, 'invalid duration "soon"'],
  ])('%j is refused', async (words, code, message) => {
    const outcome = await gatectl(['trace', ...words], world());
    expect(outcome).toMatchObject({code, err: expect.stringContaining(message)});
  });

  test('reports a gap, and an incomplete result', async () => {
    const tapBus = traffic();
    const stop = new AbortController();
    const running = gatectl('trace -o jsonl', {gates: [new FakeGate('Gate@a')], tapBus, signal: stop.signal});
    while (tapBus.subscriptions < 3) await new Promise((resolve) => setImmediate(resolve));
    await tapBus.flush();
    tapBus.turn('disconnected');
    tapBus.turn('reconnected');
    stop.abort(new Error('enough'));
    const {out, err} = await running;
    expect(out).toMatch(/"type":"gap".*the bus connection was lost for 0\.0 s/);
    expect(out).toMatch(/"fn":"Close".*"outcome":"missed"/);
    expect(err).toContain('warning: the trace is incomplete: 1 gap without data');
  });
});
