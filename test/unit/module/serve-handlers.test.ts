// biome-ignore-all lint/correctness/noComponentHookFactories: HD_say is a function of mqant, not of React
import {readFileSync} from 'node:fs';
import {describe, expect, test, vi} from 'vitest';
import {ConcurrencyLimit} from '../../../src/base/concurrency-limit.js';
import {type CallEnvelope, decodeCall, decodeResult} from '../../../src/bus/rpc/envelope.js';
import {encodeArgument, type RpcArgument} from '../../../src/bus/rpc/rpc-arguments.js';
import {rawReply} from '../../../src/module/handler-result.js';
import type {Handlers, MessageBody} from '../../../src/module/handler-types.js';
import {serveHandlers} from '../../../src/module/serve-handlers.js';
import type {SessionGates} from '../../../src/module/session-gate.js';
import {newSession} from '../../../src/session/session.js';

interface Captured {
  readonly subject: 'HelloWorld' | 'gate' | 'reply';
  readonly hex: string;
}

const vectors: {clientRequests: {bus: readonly Captured[]}} = JSON.parse(
  readFileSync('test/vectors/rpc.json', 'utf8'),
);
const captured = vectors.clientRequests.bus.map(({subject, hex}) => ({
  subject,
  bytes: Buffer.from(hex, 'hex'),
}));

const noGates: SessionGates = {gateOf: () => Promise.reject(new Error('no gate is asked in this test'))};

function serving(handlers: Handlers, log: (message: string, error: unknown) => void = () => {}) {
  const call = () => Promise.reject(new Error('no module is called in this test'));
  return serveHandlers({
    handlers,
    gates: noGates,
    type: 'HelloWorld',
    log,
    call,
    limit: new ConcurrencyLimit(10, 10),
  });
}

function aCall(fn: string, ...args: readonly RpcArgument[]): CallEnvelope {
  const encoded = args.map(encodeArgument);
  return {
    cid: 'c1',
    fn,
    replyTo: '_INBOX.x',
    track: '',
    expired: 0,
    reply: true,
    argsType: encoded.map(({type}) => type),
    args: encoded.map(({bytes}) => bytes),
    caller: 'HelloWorld/HD_say/1',
    hostname: 'vm',
  };
}

const session: RpcArgument = {
  type: 'SESSION',
  value: newSession({sessionId: 's1', topic: 'HelloWorld/HD_say/1'}),
};
const body: RpcArgument = {type: 'map', value: {name: 'neo'}};

describe('a handler', () => {
  test("answers a real gate's request like a Go module", async () => {
    const serve = serving({
      HD_say: (remote, body) => `hi ${'name' in body ? body['name'] : ''} on ${remote.serverId}`,
      HD_login: (_remote, body) => `bound ${'uid' in body ? body['uid'] : ''}`,
    });
    const requests = captured
      .filter(({subject}) => subject === 'HelloWorld')
      .map(({bytes}) => decodeCall(bytes));
    expect(requests.map(({fn}) => fn)).toEqual(['HD_say', 'HD_login']);
    const replies = captured.filter(({subject}) => subject === 'reply').map(({bytes}) => decodeResult(bytes));
    for (const request of requests) {
      const answer = await serve(request);
      const seen = replies.find(({cid}) => cid === request.cid);
      expect({cid: request.cid, ...answer}).toEqual(seen);
    }
  });

  test('gets the session, the body and the caller', async () => {
    const handler = vi.fn(() => 'ok');
    await serving({HD_say: handler})(aCall('HD_say', session, body));
    expect(handler).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({sessionId: 's1', topic: 'HelloWorld/HD_say/1'}),
      {name: 'neo'},
      {
        fn: 'HD_say',
        topic: 'HelloWorld/HD_say/1',
        caller: 'HelloWorld/HD_say/1',
        hostname: 'vm',
        call: expect.any(Function),
      },
    );
  });

  test.each<[string, RpcArgument[], MessageBody]>([
    ['an object', [{type: 'map', value: {a: 1}}], {a: 1}],
    ['bytes', [{type: 'bytes', value: Uint8Array.of(1)}], Uint8Array.of(1)],
    ['text', [{type: 'string', value: 'x'}], Buffer.from('x')],
    ['nothing', [{type: 'null'}], {}],
    ['no body at all', [], {}],
  ])('gets %s as its body', async (_name, rest, expected) => {
    const handler = vi.fn((_session: unknown, _body: MessageBody) => 'ok');
    await serving({HD_x: handler})(aCall('HD_x', session, ...rest));
    expect(handler.mock.calls[0]?.[1]).toEqual(expected);
  });

  test('may reply with raw bytes', async () => {
    const answer = await serving({HD_x: () => rawReply('raw')})(aCall('HD_x', session, body));
    expect(answer).toEqual({error: '', resultType: 'ProtocolMarshal', result: Buffer.from('raw')});
  });
});

describe('errors', () => {
  const failing: Handlers = {
    HD_throw: () => {
      throw new Error('no such room');
    },
    HD_reject: () => Promise.reject(new Error('later')),
    HD_text: () => Promise.reject('plain text'),
    HD_silent: () => Promise.reject(new Error('')),
    HD_array: () => [1],
  };

  test.each([
    ['HD_throw', 'no such room'],
    ['HD_reject', 'later'],
    ['HD_text', 'plain text'],
    ['HD_silent', 'unknown error'],
    ['HD_array', 'a handler cannot return an array: mqant has no array type; wrap it in an object'],
    ['HD_nope', 'Remote function(HD_nope) not found'],
    ['toString', 'Remote function(toString) not found'],
  ])('%s', async (fn, text) => {
    const answer = await serving(failing)(aCall(fn, session, body));
    expect(answer).toMatchObject({error: text, resultType: 'null'});
  });

  test('logs a throwing handler, and hides its stack from the client', async () => {
    const log = vi.fn();
    const answer = await serving(failing, log)(aCall('HD_throw', session, body));
    expect(log).toHaveBeenCalledExactlyOnceWith('HelloWorld: HD_throw failed', expect.any(Error));
    expect(answer.error).not.toContain('at ');
  });

  test.each<[string, RpcArgument[], RegExp]>([
    ['no arguments', [], /takes a SESSION and a body/],
    ['a first argument that is no session', [body, body], /takes a SESSION and a body/],
    ['three arguments', [session, body, body], /takes a SESSION and a body/],
    ['a body that is a number', [session, {type: 'long', value: 1n}], /cannot be of type "long"/],
    ['a session of garbage', [{type: 'other', name: 'SESSION', value: Uint8Array.of(255)}, body], /./],
    ['a map that is not JSON', [session, {type: 'other', name: 'map', value: Buffer.from('{')}], /JSON/],
  ])('%s', async (_name, args, text) => {
    const handler = vi.fn();
    const answer = await serving({HD_x: handler})(aCall('HD_x', ...args));
    expect(answer.error).toMatch(text);
    expect(handler).not.toHaveBeenCalled();
  });

  test('reject a call with more types than arguments', async () => {
    const serve = serving({HD_x: () => 'ok'});
    const call = aCall('HD_x', session, body);
    expect((await serve({...call, args: []})).error).not.toBe('');
    expect((await serve({...call, argsType: ['SESSION', 'map', 'map']})).error).not.toBe('');
  });
});
