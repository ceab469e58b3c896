import {describe, expect, test} from 'vitest';
import {NodeNames} from '../../../../src/cluster/trace/naming/node-names.js';
import type {TracedCall} from '../../../../src/cluster/trace/traced-call.js';
import {Tracer, type TracerOptions} from '../../../../src/cluster/trace/tracer.js';
import {parseSelector} from '../../../../src/selector/selector.js';
import {hiddenSecretText} from '../../../../src/session/secret-names.js';
import {stringBag} from '../../../../src/session/session.js';
import {callBytes, caller, resultBytes, span, text} from '../../../support/envelopes.js';
import {aSession} from '../../../support/fake-gate.js';

const sid = '5f008e4b69780dc3';
const gate = '_INBOX.gate';
const module = '_INBOX.module';
const session = aSession({
  ...{sessionId: sid, userId: 'u42', serverId: 'Gate@a'},
  settings: stringBag([
    ['room', 'r1'],
    ['loginToken', 'canary'],
  ]),
});

function tracing(options: Partial<TracerOptions> = {}) {
  const names = new NodeNames();
  names.learn([
    {id: 'Gate@a', address: gate},
    {id: 'Game@1', address: module},
  ]);
  const calls: TracedCall[] = [];
  const onCall = (call: TracedCall) => calls.push(call);
  const tracer = new Tracer({names, filter: {}, waitMs: 1000, onCall, ...options});
  let at = 1000;
  const hear = (subject: string, data: Uint8Array, ms = 1): void => {
    at += ms;
    tracer.hear({at, subject, data});
  };
  return {tracer, calls, hear, now: () => at};
}

describe('a trace', () => {
  test('shows caller, function, node, session, duration and outcome', () => {
    const {calls, hear} = tracing();
    const call = callBytes('1', 'HD_say', [{type: 'SESSION', value: session}, text('hello')]);
    const result = resultBytes('1');
    hear(module, call);
    hear(caller, result, 2.5);
    expect(calls).toEqual([
      {
        ...{at: 1001, fn: 'HD_say', node: 'Game@1', address: module, caller: 'tester', hostname: 'host1'},
        ...{session: sid, uid: 'u42', sessions: 1, outcome: 'ok', error: '', ms: 2.5},
        ...{callBytes: call.length, replyBytes: result.length},
      },
    ]);
  });

  test('leaves the calls of given callers out, and out of the totals', () => {
    const {tracer, calls, hear} = tracing({filter: {exceptCallers: ['test*']}});
    hear(module, callBytes('1', 'HD_say', [text('hello')]));
    hear(caller, resultBytes('1'));
    expect(calls).toEqual([]);
    expect(tracer.summary()).toMatchObject({selected: 0, functions: []});
  });

  test('knows the uid of a named session after the bus revealed it', () => {
    const {calls, hear} = tracing();
    hear(
      gate,
      callBytes('1', 'Send', [span, text(sid), text('/t'), {type: 'bytes', value: Buffer.from('x')}]),
    );
    hear(caller, resultBytes('1'));
    hear(gate, callBytes('2', 'Update', [span, text(sid)]));
    hear(caller, resultBytes('2', {type: 'SESSION', value: session}));
    hear(gate, callBytes('3', 'Close', [span, text(sid)]));
    hear(caller, resultBytes('3', {type: 'null'}));
    expect(calls.map(({fn, session: id, uid}) => [fn, id, uid])).toEqual([
      ['Send', sid, ''],
      ['Update', sid, 'u42'],
      ['Close', sid, 'u42'],
    ]);
  });

  test.each([
    ['IsConnect', [span, text(''), text('u7')], {session: '', uid: 'u7', sessions: 0}],
    ['Bind', [span, text(sid), text('u7')], {session: sid, uid: 'u7', sessions: 1}],
    ['SendBatch', [span, text('a,b,c'), text('/t')], {session: '', uid: '', sessions: 3}],
    ['BroadCast', [span, text('/t')], {session: '', uid: '', sessions: 0}],
    ['GatectlInfo', [span], {session: '', uid: '', sessions: 0}],
    ['GatectlFind', [span, {type: 'map', value: {uid: 'u7'}}], {session: '', uid: 'u7', sessions: 0}],
  ] as const)('%s names its sessions', (fn, args, expected) => {
    const {calls, hear} = tracing();
    hear(gate, callBytes('1', fn, args, {reply: false}));
    expect(calls).toMatchObject([{...expected, outcome: 'no-reply', ms: undefined}]);
  });

  test("shows a node's error text without stack and repeated arguments", () => {
    const {calls, hear} = tracing();
    const errors = [
      'No Sesssion found',
      'Gate rpc func(Set) error boom\n ----Stack----\ngoroutine 1 secret',
      'The number of params [[123 34] [99 97 110]] is not adapted.<func(x)>',
    ];
    for (const [at, error] of errors.entries()) {
      hear(gate, callBytes(String(at), 'Update', [span, text(sid)]));
      hear(caller, resultBytes(String(at), {type: 'null'}, error));
    }
    expect(calls.map(({outcome, error}) => [outcome, error])).toEqual([
      ['error', 'No Sesssion found'],
      ['error', 'Gate rpc func(Set) error boom'],
      ['error', 'The number of params […] is not adapted.<func(x)>'],
    ]);
  });

  test("treats mqant's negative reply of IsConnect as success", () => {
    const {tracer, calls, hear} = tracing();
    hear(gate, callBytes('1', 'IsConnect', [span, text(''), text('u7')]));
    const no = 'The gateway did not find the corresponding userId 【u7】';
    hear(caller, resultBytes('1', {type: 'bool', value: false}, no));
    expect(calls).toMatchObject([{outcome: 'ok', error: ''}]);
    expect(tracer.counts().errors).toBe(0);
  });

  test('separates equal Cids of two callers', () => {
    const {calls, hear} = tracing();
    hear(gate, callBytes('1', 'Update', [span, text('a')], {replyTo: '_INBOX.x'}));
    hear(gate, callBytes('1', 'Update', [span, text('b')], {replyTo: '_INBOX.y'}));
    hear('_INBOX.y', resultBytes('1'));
    hear('_INBOX.x', resultBytes('1', {type: 'null'}, 'no'));
    expect(calls.map(({session: id, outcome}) => [id, outcome])).toEqual([
      ['b', 'ok'],
      ['a', 'error'],
    ]);
  });

  test('hides bodies by default, and shows them without secrets', () => {
    const args = [
      span,
      text(sid),
      {
        type: 'mapstr',
        value: stringBag([
          ['password', 'canary'],
          ['level', '7'],
        ]),
      },
    ] as const;
    const plain = tracing();
    plain.hear(gate, callBytes('1', 'Push', args));
    plain.hear(caller, resultBytes('1', {type: 'SESSION', value: session}));
    expect(JSON.stringify(plain.calls)).not.toMatch(/canary|level/);

    const {calls, hear} = tracing({bodies: true});
    hear(gate, callBytes('1', 'Push', args));
    hear(caller, resultBytes('1', {type: 'SESSION', value: session}));
    hear(gate, callBytes('2', 'Set', [span, text(sid), text('apiToken'), text('canary')]));
    const json = '{"user":"u42","auth":{"Token":"canary"},"inner":"{\\"secret\\":\\"canary\\"}"}';
    hear(caller, resultBytes('2', {type: 'bytes', value: Buffer.from(json)}));
    expect(JSON.stringify(calls)).not.toContain('canary');
    expect(calls[0]?.body?.args[2]).toEqual({password: hiddenSecretText, level: '7'});
    expect(calls[0]?.body?.result).toMatchObject({
      id: sid,
      settings: {room: 'r1', loginToken: hiddenSecretText},
    });
    expect(calls[1]?.body?.result).toEqual({
      user: 'u42',
      auth: {Token: hiddenSecretText},
      inner: {secret: hiddenSecretText},
    });
  });

  test('filters by function, node, uid, session and selector, and counts selected calls only', async () => {
    const where = await parseSelector('settings.room == "r1" && gate == "Gate@a"');
    const cases = [
      [{filter: {fns: ['HD_*']}}, ['HD_say']],
      [{filter: {fns: ['Upd*e', 'x']}}, ['Update']],
      [{filter: {nodes: ['Game']}}, ['HD_say']],
      [{filter: {nodes: ['Gate@a']}}, ['Update', 'Send']],
      [{filter: {uids: ['u42']}}, ['HD_say', 'Update', 'Send']],
      [{filter: {sessions: ['Gate@a/other']}}, []],
      [{filter: {sessions: [sid]}, errorsOnly: true}, []],
      [{filter: {}, slowMs: 20}, ['Update']],
      [{filter: {}, where}, ['HD_say', 'Update']],
    ] as const;
    for (const [options, expected] of cases) {
      const {tracer, calls, hear} = tracing(options);
      hear(module, callBytes('1', 'HD_say', [{type: 'SESSION', value: session}]));
      hear(caller, resultBytes('1'));
      hear(gate, callBytes('2', 'Update', [span, text(sid)]));
      hear(caller, resultBytes('2', {type: 'SESSION', value: session}), 30);
      hear(gate, callBytes('3', 'Send', [span, text(sid)]));
      hear(caller, resultBytes('3'));
      expect([options, calls.map(({fn}) => fn)]).toEqual([options, expected]);
      const isOfOutcome = 'slowMs' in options || 'errorsOnly' in options;
      expect(tracer.summary().selected).toBe(isOfOutcome ? 3 : expected.length);
    }
  });

  test('counts messages that are not envelopes, and continues', () => {
    const {tracer, calls, hear} = tracing();
    for (const foreign of ['', '{"a":1}', '\n\x01', `\n\x02ab\x12\x02\xff`])
      hear(caller, Buffer.from(foreign, 'latin1'));
    hear(module, callBytes('1', 'HD_say', [{type: 'SESSION', value: session}]));
    hear(caller, resultBytes('1'));
    expect(calls).toHaveLength(1);
    expect(tracer.counts()).toMatchObject({messages: 6, foreign: 4, calls: 1, answered: 1});
  });

  test("names nodes from the registry, else from gatectl's subjects, else not at all", () => {
    const {calls, hear} = tracing();
    for (const subject of [gate, 'mqant.gate.Gate.b.Update', 'mqant.module.Game.2', '_INBOX.unknown'])
      hear(subject, callBytes('1', 'Update', [span, text(sid)], {reply: false}));
    expect(calls.map(({node}) => node)).toEqual(['Gate@a', 'Gate@b', 'Game@2', '']);
  });

  test('summarises exact counts and quantiles per function', () => {
    const {tracer, hear} = tracing();
    for (let at = 1; at <= 100; at += 1) {
      hear(gate, callBytes(String(at), 'Update', [span, text(sid)]));
      hear(caller, resultBytes(String(at), {type: 'null'}, at > 90 ? 'no' : ''), at);
    }
    hear(gate, callBytes('x', 'Close', [span, text(sid)]));
    tracer.tick(1_000_000);
    const [update, close] = tracer.summary().functions;
    expect(update).toMatchObject({
      type: 'Gate',
      fn: 'Update',
      calls: 100,
      errors: 10,
      unanswered: 0,
      max: 100,
    });
    for (const [name, truth] of [
      ['p50', 50],
      ['p95', 95],
      ['p99', 99],
    ] as const)
      expect(Math.abs((update?.[name] ?? 0) - truth)).toBeLessThan(truth / 64);
    expect(close).toMatchObject({fn: 'Close', calls: 1, unanswered: 1, p50: undefined});
  });
});
