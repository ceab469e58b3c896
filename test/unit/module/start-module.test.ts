// biome-ignore-all lint/correctness/noComponentHookFactories: HD_say is a function of mqant, not of React
import {describe, expect, test, vi} from 'vitest';
import {UsageError} from '../../../src/base/errors.js';
import {gateCallHandler} from '../../../src/bus/gate/gate-server.js';
import {Caller} from '../../../src/bus/rpc/caller.js';
import type {CallEnvelope} from '../../../src/bus/rpc/envelope.js';
import {errorResult, Responder} from '../../../src/bus/rpc/responder.js';
import {decodeArgument, encodeArgument, type RpcArgument} from '../../../src/bus/rpc/rpc-arguments.js';
import type {Handlers} from '../../../src/module/handler-types.js';
import {type ModuleOptions, startModule} from '../../../src/module/start-module.js';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {extensionFunctions, type GateFunction, stockFunctions} from '../../../src/session/gate-api.js';
import {FakeBus} from '../../support/fake-bus.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {aNode, FakeRegistry} from '../../support/fake-registry.js';
import {until} from '../../support/poll.js';

const gateId = 'Gate@fake';

/** A gate with one session, a module with these handlers, and a client's request between them. */
async function aCluster(
  handlers: Handlers,
  options: Partial<ModuleOptions> = {},
  functions: readonly GateFunction[] = [...stockFunctions, ...extensionFunctions],
) {
  const bus = new FakeBus();
  const registry = new FakeRegistry([aNode(gateId)]);
  const gate = new FakeGate(gateId, [aRow({sessionId: 's1', serverId: gateId})]);
  const answer = gateCallHandler({gate, pages: gate, type: 'Gate'});
  const asked: string[] = [];
  const serve = async (call: CallEnvelope) => {
    asked.push(call.fn);
    if (functions.some((fn) => fn === call.fn)) return answer(call);
    return errorResult(`Remote function(${call.fn}) not found`);
  };
  const address = 'mqant.gate.Gate.fake';
  new Responder({bus, address, functionSubjects: [...stockFunctions, ...extensionFunctions], serve});
  const module = await startModule({type: 'HelloWorld', id: 'h1', bus, registry, handlers, ...options});
  const caller = new Caller(bus, {caller: 'test', hostname: 'test', timeoutMs: 1000});
  const ask = async (fn: string, body: Readonly<Record<string, unknown>> = {}) => {
    const session = {...(await gate.update('s1')), topic: `HelloWorld/${fn}/1`};
    const args: RpcArgument[] = [
      {type: 'SESSION', value: session},
      {type: 'map', value: body},
    ];
    const target = {node: module.nodeId, address: module.address};
    const reply = await caller.call(target, {fn, args: args.map(encodeArgument), write: false});
    return {error: reply.error, result: decodeArgument(reply.resultType, reply.result)};
  };
  return {bus, registry, gate, module, ask, asked};
}

describe('a module', () => {
  test("is found by its type, with an mqant node's metadata", async () => {
    const {registry, module} = await aCluster({});
    const [node] = await registry.nodes('HelloWorld');
    expect(node).toMatchObject({
      id: 'HelloWorld@h1',
      address: 'mqant.module.HelloWorld.h1',
      metadata: {server: 'rpc', hostname: expect.any(String), pid: expect.stringMatching(/^\d+$/)},
    });
    await module.close();
    expect(await registry.nodes('HelloWorld')).toEqual([]);
  });

  test('asks a stock gate once whether it can send with QoS 1', async () => {
    const send: Handlers = {
      HD_send: async (session) => ({...(await session.send('/t', 'hi', {qos: 1}))}),
    };
    const {module, ask, asked} = await aCluster(send, {}, stockFunctions);
    const unsupported = {state: 'unsupported', detail: `${gateId} has no GatectlDeliver`};
    for (let round = 0; round < 2; round += 1)
      expect(await ask('HD_send')).toMatchObject({error: '', result: {value: unsupported}});
    expect(asked.filter((fn) => fn === 'GatectlDeliver')).toHaveLength(1);
    await module.close();
  });

  test('takes a random id by default', async () => {
    const {module} = await aCluster({}, {id: undefined});
    expect(module.nodeId).toMatch(/^HelloWorld@[0-9a-f]{16}$/);
    await module.close();
  });

  test.each(['Hello World', 'a.b', '', 'a@b'])('refuses the type "%s"', async (type) => {
    await expect(aCluster({}, {type})).rejects.toThrow(UsageError);
  });

  test("binds, sets and sends through the session's gate", async () => {
    const {gate, ask, module} = await aCluster({
      HD_login: async (session, body) => {
        await session.bind(String('uid' in body ? body['uid'] : ''));
        await session.setPush('roomName', 'mqant');
        await session.send('/gate/send/test', 'welcome');
        return session.userId;
      },
    });
    expect(await ask('HD_login', {uid: 'u42'})).toEqual({error: '', result: {type: 'string', value: 'u42'}});
    expect(await gate.update('s1')).toMatchObject({userId: 'u42', settings: {roomName: 'mqant'}});
    expect(gate.sent).toEqual([{sessionId: 's1', topic: '/gate/send/test', body: 'welcome'}]);
    await module.close();
  });

  test('sends without reply without waiting for the gate', async () => {
    const {gate, ask, module} = await aCluster({
      HD_x: async (session) => {
        await session.sendNR('/t', 'hi');
        return gate.sent.length;
      },
    });
    expect((await ask('HD_x')).result).toEqual({type: 'long', value: 0n});
    await until(() => gate.sent.length > 0);
    expect(gate.sent).toHaveLength(1);
    await module.close();
  });

  test('runs calls on one session one at a time', async () => {
    let under = 0;
    let most = 0;
    const {gate, ask, module} = await aCluster({
      HD_x: async (session) => {
        await Promise.all([session.set('a', '1'), session.bind('u1'), session.setPush('b', '2')]);
        return 'done';
      },
    });
    const {set, bind, push} = gate;
    for (const [name, verb] of Object.entries({set, bind, push})) {
      vi.spyOn(gate, name as 'set').mockImplementation(async (...args) => {
        most = Math.max(most, ++under);
        await new Promise(setImmediate);
        under -= 1;
        return (verb as FakeGate['set']).apply(gate, args);
      });
    }
    expect((await ask('HD_x')).error).toBe('');
    expect(most).toBe(1);
    expect(await gate.update('s1')).toMatchObject({userId: 'u1', settings: {a: '1', b: '2'}});
    await module.close();
  });

  test('reports a closed session as an error to the handler, and continues', async () => {
    const {gate, ask, module} = await aCluster({
      HD_kick: async (session) => {
        await session.close();
        await session.send('/t', 'too late');
      },
      HD_ping: () => 'pong',
    });
    expect((await ask('HD_kick')).error).toBe('no session "s1"');
    gate.add(aRow({sessionId: 's1', serverId: gateId}));
    expect((await ask('HD_ping')).result).toEqual({type: 'string', value: 'pong'});
    await module.close();
  });

  test('reports an unknown gate as an error to the handler', async () => {
    const {registry, ask, module} = await aCluster({HD_x: (session) => session.send('/t', 'x')});
    registry.become([]);
    expect((await ask('HD_x')).error).toBe('Service not found id(Gate@fake)');
    await module.close();
  });

  test('finishes running calls before closing, and accepts no new ones', async () => {
    let finish: (() => void) | undefined;
    const {ask, module} = await aCluster({
      HD_slow: () => new Promise<string>((resolve) => (finish = () => resolve('done'))),
    });
    const answer = ask('HD_slow');
    await until(() => finish !== undefined);
    const closed = module.close();
    finish?.();
    expect((await answer).result).toEqual({type: 'string', value: 'done'});
    await closed;
    await expect(ask('HD_slow')).rejects.toMatchObject({reason: 'no-responders'});
  });

  test('closes once, although a handler never ends', async () => {
    const {ask, module, bus} = await aCluster({HD_hang: () => new Promise<string>(() => {})});
    const before = bus.subscriptions;
    ask('HD_hang').catch(() => {});
    await Promise.all([module.close(20), module.close(20)]);
    expect(bus.subscriptions).toBe(before - 3); // of its calls, of its own caller, of its claim
  });

  test('closes everything when it cannot register', async () => {
    const bus = new FakeBus();
    const registry = new FakeRegistry();
    vi.spyOn(registry, 'register').mockRejectedValue(new Error('registry is down'));
    await expect(startModule({type: 'M', bus, registry, handlers: {}})).rejects.toThrow('registry is down');
    expect(bus.subscriptions).toBe(0);
  });

  test('restores a session from its bytes', async () => {
    const {gate, module} = await aCluster({});
    const [row] = gate.rows.values();
    const session = module.restoreSession(encodeSession(row!.session));
    await session.send('/later', 'hi');
    expect(gate.sent).toEqual([{sessionId: 's1', topic: '/later', body: 'hi'}]);
    await module.close();
  });
});
