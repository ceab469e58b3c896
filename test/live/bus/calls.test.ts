import {afterEach, describe, expect, test} from 'vitest';
import {OutcomeUnknownError} from '../../../src/base/errors.js';
import type {Bus} from '../../../src/bus/bus.js';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import {Caller, type CallWithArguments} from '../../../src/bus/rpc/caller.js';
import {decodeCall, encodeResult} from '../../../src/bus/rpc/envelope.js';
import {type CallHandler, Responder} from '../../../src/bus/rpc/responder.js';
import {encodeArgument} from '../../../src/bus/rpc/rpc-arguments.js';
import {fastestMs} from '../../support/fastest.js';
import {startNats} from '../../support/nats.js';
import {until} from '../../support/poll.js';
import {describeWith, type TestServer} from '../../support/servers.js';

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part[Symbol.asyncDispose]();
});

const target = {node: 'Gate@a', address: 'mqant.gate.Gate.a'};
const read: CallWithArguments = {
  fn: 'Update',
  args: [encodeArgument({type: 'string', value: 'x'})],
  write: false,
};
const write: CallWithArguments = {...read, fn: 'Set', write: true};
const echo: CallHandler = async ({args}) => ({
  error: '',
  resultType: 'bytes',
  result: args[0] ?? new Uint8Array(0),
});

/** A caller that stays connected stands on another client than one that asks and ends. */
const stay = {'that comes back by itself': true, 'for one command': false};

describe.each(Object.entries(stay))('over a connection %s', (_, reconnects) => {
  describeWith('nats-server')('calls over a real nats-server', () => callTests(reconnects));
});

function callTests(reconnects: boolean): void {
  async function nats(conf = ''): Promise<TestServer> {
    const server = await startNats(conf);
    open.push(server);
    return server;
  }

  async function bus(server: string, reconnect = true): Promise<Bus> {
    const connected = await connectBus({server, timeoutMs: 3000, reconnect});
    open.push({[Symbol.asyncDispose]: () => connected.close()});
    return connected;
  }

  async function callerOn(server: string, timeoutMs = 3000): Promise<Caller> {
    return new Caller(await bus(server, reconnects), {caller: 'test', hostname: 'test', timeoutMs});
  }

  async function serving(server: string, serve: CallHandler): Promise<Responder> {
    const at = await bus(server);
    const responder = new Responder({bus: at, address: target.address, serve, functionSubjects: ['Update']});
    await at.flush();
    return responder;
  }

  test('matches replies to calls in any order', async () => {
    const {url} = await nats();
    const waiting: (() => void)[] = [];
    await serving(url, async (call) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return echo(call);
    });
    const caller = await callerOn(url);
    const calls = Array.from({length: 50}, (_, at) =>
      caller.call(target, {...read, args: [encodeArgument({type: 'string', value: `n${at}`})]}),
    );
    await until(() => waiting.length === 50, {what: 'all calls to be there'});
    for (const answer of waiting.reverse()) answer();
    const answers = (await Promise.all(calls)).map(({result}) => Buffer.from(result).toString());
    expect(answers).toEqual(Array.from({length: 50}, (_, at) => `n${at}`));
    expect(caller.strayReplies).toBe(0);
  });

  test('detects a missing node in under 50 ms, for reads and writes', async () => {
    const caller = await callerOn((await nats()).url);
    for (const call of [read, write]) {
      const ms = await fastestMs(async () => {
        const error = await caller.call(target, call).catch((reason: unknown) => reason);
        expect(error).toMatchObject({reason: 'no-responders', node: 'Gate@a', fn: call.fn});
      });
      expect(ms).toBeLessThan(50);
    }
  });

  test("fails a read at its deadline, and reports a write's outcome as unknown", async () => {
    const {url} = await nats();
    await serving(url, () => new Promise(() => {}));
    const caller = await callerOn(url, 200);
    const started = performance.now();
    await expect(caller.call(target, read)).rejects.toMatchObject({reason: 'timeout'});
    expect(performance.now() - started).toBeGreaterThan(190);
    await expect(caller.call(target, write)).rejects.toBeInstanceOf(OutcomeUnknownError);
    await expect(caller.call(target, {...read, timeoutMs: 50})).rejects.toThrow('within 50 ms');
  });

  test('sends a call once, and drops a late reply', async () => {
    const {url} = await nats();
    let calls = 0;
    let answer = (): void => {};
    await serving(url, async (call) => {
      calls += 1;
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return echo(call);
    });
    const caller = await callerOn(url, 100);
    await expect(caller.call(target, write)).rejects.toBeInstanceOf(OutcomeUnknownError);
    await until(() => calls === 1, {what: 'the call to be there'});
    answer();
    await until(() => caller.strayReplies === 1, {what: 'the late answer'});
    expect(calls).toBe(1);
  });

  test('B07: turns a reply above max_payload into an error', async () => {
    const {url} = await nats('max_payload: 4096');
    await serving(url, async () => ({error: '', resultType: 'bytes', result: new Uint8Array(5000)}));
    const {error} = await (await callerOn(url)).call(target, read);
    expect(error).toContain('5000 bytes is larger than max_payload 4096');
  });

  test('returns the message of a throwing handler, and continues to serve', async () => {
    const {url} = await nats();
    await serving(url, async (call) => {
      if (call.fn === 'Set') throw new Error('no such thing');
      return echo(call);
    });
    const caller = await callerOn(url);
    expect(await caller.call(target, write)).toMatchObject({error: 'no such thing', resultType: 'null'});
    expect(await caller.call(target, read)).toMatchObject({error: ''});
  });

  test('B06: survives and counts garbage on the subject; rejects garbage in a reply', async () => {
    const {url} = await nats();
    const responder = await serving(url, echo);
    const caller = await callerOn(url);
    const raw = await bus(url);
    for (const junk of [[], [0xff], [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f], Array(1000).fill(0x80)]) {
      raw.publish(target.address, Uint8Array.from(junk));
    }
    await raw.flush();
    expect(await caller.call(target, read)).toMatchObject({error: ''});
    await until(() => responder.garbage >= 3, {what: 'the garbage to be counted'});

    const elsewhere = {node: 'Gate@b', address: 'mqant.gate.Gate.b'};
    raw.subscribe(elsewhere.address, ({data}) => {
      const {replyTo, fn} = decodeCall(Buffer.from(data));
      const junk =
        fn === 'Set' ? encodeResult({cid: 'another', error: '', resultType: 'null', result: data}) : data;
      raw.publish(replyTo, fn === 'Set' ? junk : Uint8Array.of(0xff, 0xff));
    });
    await raw.flush();
    await expect(caller.call(elsewhere, read)).rejects.toMatchObject({reason: 'bad-reply'});
    await expect(caller.call(elsewhere, write)).rejects.toMatchObject({reason: 'bad-reply'});
  });

  test("serves one function on a function's subject", async () => {
    const {url} = await nats();
    await serving(url, echo);
    const caller = await callerOn(url);
    const onUpdate = {...target, address: `${target.address}.Update`};
    expect(await caller.call(onUpdate, read)).toMatchObject({error: ''});
    expect((await caller.call(onUpdate, write)).error).toContain('not found on this subject');
  });

  test('B09: reports a permission error of NATS at once', async () => {
    const users = '[{user: viewer, password: p, permissions: {publish: ["_INBOX.>"], subscribe: [">"]}}]';
    const server = await nats(`authorization { users: ${users} }`);
    const caller = await callerOn(server.url.replace('://', '://viewer:p@'));
    const ms = await fastestMs(async () => {
      await expect(caller.call(target, write)).rejects.toMatchObject({reason: 'not-permitted'});
    });
    expect(ms).toBeLessThan(100);
  });

  test('fails running calls when the bus is lost, and serves again after it is back', async () => {
    const server = await nats();
    await serving(server.url, (call) => (call.fn === 'Update' ? new Promise(() => {}) : echo(call)));
    const caller = await callerOn(server.url, 10_000);
    const pending = caller.call(target, read);
    pending.catch(() => {});
    await until(async () => (await caller.call(target, write)).error === '', {what: 'a first answer'});
    await server.restart();
    await expect(pending).rejects.toMatchObject({reason: 'disconnected'});
    if (!reconnects) return;
    await until(() => caller.call(target, {...write, timeoutMs: 500}), {
      what: 'an answer again',
    });
  });

  test('stops waiting when the signal aborts', async () => {
    const {url} = await nats();
    await serving(url, () => new Promise(() => {}));
    const stop = new AbortController();
    const call = (await callerOn(url)).call(target, {...read, signal: stop.signal});
    stop.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
  });
}
