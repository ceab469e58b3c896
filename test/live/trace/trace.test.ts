import {spawn} from 'node:child_process';
import {once} from 'node:events';
import path from 'node:path';
import {afterAll, afterEach, beforeAll, expect, test} from 'vitest';
import type {Bus} from '../../../src/bus/bus.js';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import type {RpcArgument} from '../../../src/bus/rpc/rpc-arguments.js';
import {callBytes, resultBytes, span, text} from '../../support/envelopes.js';
import {aSession} from '../../support/fake-gate.js';
import {startNats} from '../../support/nats.js';
import {until} from '../../support/poll.js';
import {cleanEnvironment, spawnGatectl} from '../../support/run-cli.js';
import {describeWith, type TestServer} from '../../support/servers.js';
import {temporaryFolder} from '../../support/temp.js';
import {ask, sessionIdOf, startTestGate} from '../../support/test-gate.js';

/** `gatectl trace` as a process, listening. */
class TraceProcess {
  out = '';
  err = '';
  private readonly child;

  constructor(...argv: readonly string[]) {
    this.child = spawn(process.execPath, [path.resolve('bin/gatectl.js'), 'trace', ...argv], {
      env: cleanEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout.on('data', (chunk) => {
      this.out += chunk;
    });
    this.child.stderr.on('data', (chunk) => {
      this.err += chunk;
    });
  }

  async listening(): Promise<this> {
    await until(() => this.err.includes('listening on'), {what: 'the trace to listen'});
    return this;
  }

  lines(): Record<string, unknown>[] {
    const whole = this.out.slice(0, this.out.lastIndexOf('\n') + 1);
    return whole
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  calls(): Record<string, unknown>[] {
    return this.lines().filter(({type}) => type === 'call');
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Ctrl-C, and what it says at the end. */
  async end(): Promise<{readonly code: number | null; readonly summary: Record<string, unknown>}> {
    const closed = once(this.child, 'close');
    if (this.child.exitCode === null) this.child.kill('SIGINT');
    await closed;
    const last = this.lines().at(-1) ?? {};
    return {code: this.child.exitCode, summary: (last['summary'] ?? last) as Record<string, unknown>};
  }
}

describeWith('nats-server')('gatectl trace on a real bus', () => {
  let nats: TestServer;
  let bus: Bus;
  const traces: TraceProcess[] = [];
  const flags = () => ['--server', nats.url, '-o', 'jsonl'];

  beforeAll(async () => {
    nats = await startNats();
    bus = await connectBus({server: nats.url, timeoutMs: 5000, reconnect: true});
  });
  afterEach(() => {
    for (const trace of traces.splice(0)) trace.signal('SIGKILL');
  });
  afterAll(async () => {
    await bus?.close();
    await nats?.[Symbol.asyncDispose]();
  });

  function tracing(...argv: readonly string[]): Promise<TraceProcess> {
    const trace = new TraceProcess(...argv);
    traces.push(trace);
    return trace.listening();
  }

  test("shows the calls of a client's request and of an operator", async () => {
    await using gate = await startTestGate({bus});
    const client = await gate.client();
    const id = await sessionIdOf(client);
    const trace = await tracing(
      ...flags(),
      '--registry',
      'static:Gate@g1=mqant.gate.Gate.g1,HelloWorld@h1=mqant.module.HelloWorld.h1',
    );
    await ask(client, 'HelloWorld/HD_login/1', '{"uid":"morpheus"}');
    const login = await until(() => trace.calls().find(({fn}) => fn === 'HD_login'), {what: 'the request'});
    expect(login).toMatchObject({node: 'HelloWorld@h1', id, uid: '', outcome: 'ok'});
    const bind = await until(() => trace.calls().find(({fn}) => fn === 'Bind'), {what: 'the bind'});
    expect(bind).toMatchObject({node: 'Gate@g1', id, uid: 'morpheus', outcome: 'ok'});
    expect(bind['ms']).toBeLessThanOrEqual(login['ms'] as number);
    await spawnGatectl([
      'settings',
      'list',
      id,
      '--server',
      nats.url,
      '--registry',
      'static:Gate@g1=mqant.gate.Gate.g1',
    ]);
    const update = await until(() => trace.calls().find(({fn}) => fn === 'Update'), {what: 'the operator'});
    expect(update).toMatchObject({
      node: 'Gate@g1',
      id,
      uid: 'morpheus',
      caller: expect.stringContaining('gatectl/'),
    });
    expect(JSON.stringify(trace.lines())).not.toContain('"body"');
    const {code, summary} = await trace.end();
    expect(code).toBe(130);
    expect(summary).toMatchObject({complete: true, unanswered: 0, open: 0});
  });

  test('accounts for each of thousands of calls, with statistics equal to the load', async () => {
    const [gate, caller] = ['_INBOX.loadgate', '_INBOX.loadcaller'];
    const trace = await tracing(...flags(), '--wait', '5s', '--registry', `static:Gate@load=${gate}`);
    const session: RpcArgument = {type: 'SESSION', value: aSession({userId: 'u'})};
    let answered = 0;
    const responder = bus.subscribe(gate, ({data}) => {
      const n = Number(/load(\d+)/.exec(Buffer.from(data).toString('latin1'))?.[1]);
      if (n % 50 === 7) return;
      bus.publish(
        caller,
        n % 10 === 3 ? resultBytes(`load${n}`, {type: 'null'}, 'no') : resultBytes(`load${n}`, session),
      );
    });
    const answers = bus.subscribe(caller, () => {
      answered += 1;
    });
    const calls = 6000;
    for (let n = 0; n < calls; n += 1) {
      if (n % 200 === 0) await bus.flush();
      bus.publish(
        gate,
        callBytes(`load${n}`, n % 2 ? 'Update' : 'Close', [span, text('s')], {replyTo: caller}),
      );
    }
    const silent = calls / 50;
    await until(() => answered === calls - silent, {what: 'all answers', timeoutMs: 20_000});
    const unanswered = () => trace.calls().filter(({outcome}) => outcome === 'unanswered').length;
    await until(() => unanswered() === silent, {what: 'the silent ones to be given up', timeoutMs: 20_000});
    responder.unsubscribe();
    answers.unsubscribe();
    const {summary} = await trace.end();
    expect(summary).toMatchObject({
      ...{calls, answered, errors: calls / 10, unanswered: silent, noReply: 0, open: 0, missed: 0},
      ...{overflowed: 0, gaps: 0, strayReplies: 0, selected: calls, complete: true},
    });
    expect(trace.calls()).toHaveLength(calls);
    expect(summary['functions']).toMatchObject([
      {fn: 'Close', type: 'Gate', calls: calls / 2},
      {fn: 'Update', calls: calls / 2},
    ]);
  });

  /** Whether anybody listens there: NATS says at once when nobody does. */
  async function isHeard(subject: string): Promise<boolean> {
    const inbox = bus.newInbox();
    let isNobody = false;
    const subscription = bus.subscribe(inbox, ({noResponders}) => {
      isNobody = noResponders;
    });
    bus.publish(subject, new Uint8Array(0), inbox);
    await bus.flush();
    subscription.unsubscribe();
    return !isNobody;
  }

  test('F6: reports a restart of the bus as a gap, and continues', async () => {
    const trace = await tracing(...flags(), '--registry', 'static:Gate@a=_INBOX.a');
    bus.publish('_INBOX.a', callBytes('before', 'Update', [span, text('s')]));
    bus.publish('_INBOX.a', callBytes('mark', 'Set', [span, text('s')], {reply: false}));
    await until(() => trace.calls().length === 1, {what: 'the trace to have heard both'});
    await nats.restart();
    await until(() => trace.lines().some(({type}) => type === 'gap'), {what: 'the gap', timeoutMs: 20_000});
    await until(() => bus.connected, {timeoutMs: 20_000});
    await until(() => trace.calls().length === 2, {what: 'the call that was open'});
    expect(trace.calls()).toMatchObject([{fn: 'Set'}, {fn: 'Update', outcome: 'missed'}]);
    await until(() => isHeard('_INBOX.a'), {what: 'NATS to know that the trace listens again'});
    bus.publish('_INBOX.a', callBytes('after', 'Close', [span, text('s')], {reply: false}));
    await until(() => trace.calls().some(({fn}) => fn === 'Close'), {what: 'what came after'});
    const {summary} = await trace.end();
    expect(summary).toMatchObject({gaps: 1, missed: 1, calls: 3, complete: false});
    expect(trace.err).toContain('warning: the trace is incomplete: 1 gap without data, with 1 call pending');
  });

  test('C11: accounts for every observed call when stopped during a flood', async () => {
    const trace = await tracing(...flags(), '--registry', 'static:Gate@a=_INBOX.flood');
    trace.signal('SIGSTOP');
    const calls = 30_000;
    for (let n = 0; n < calls; n += 1) {
      if (n % 500 === 0) await bus.flush();
      bus.publish('_INBOX.flood', callBytes(`f${n}`, 'Update', [span, text('s')], {reply: false}));
    }
    await bus.flush();
    trace.signal('SIGCONT');
    bus.publish('_INBOX.flood', callBytes('last', 'Close', [span, text('s')], {reply: false}));
    await bus.flush();
    const isOver = () =>
      trace.calls().some(({fn}) => fn === 'Close') || trace.lines().some(({type}) => type === 'gap');
    await until(isOver, {what: 'the flood to be over', timeoutMs: 30_000});
    const {summary} = await trace.end();
    const {noReply, gaps} = summary as {readonly noReply: number; readonly gaps: number};
    expect(summary['calls']).toBe(noReply);
    if (gaps === 0) expect(noReply).toBe(calls + 1);
    else expect(summary['complete']).toBe(false);
  });

  test('F6: reports a gap and continues when NATS disconnects a slow trace', async () => {
    await using strict = await startNats('write_deadline: "200ms"');
    const sender = await connectBus({server: strict.url, timeoutMs: 5000, reconnect: true});
    const trace = await tracing(
      '--server',
      strict.url,
      '-o',
      'jsonl',
      '--registry',
      'static:Gate@a=_INBOX.flood',
    );
    let sent = 0;
    trace.signal('SIGSTOP');
    while (sent < 10_000) {
      const call = callBytes(`f${sent++}`, 'Update', [span, text('s'.repeat(2000))], {reply: false});
      sender.publish('_INBOX.flood', call);
      if (sent % 100 === 0) await sender.flush();
    }
    trace.signal('SIGCONT');
    await until(() => trace.lines().some(({type}) => type === 'gap'), {what: 'the gap', timeoutMs: 30_000});
    const after = async () => {
      sender.publish('_INBOX.flood', callBytes('after', 'Close', [span, text('s')], {reply: false}));
      await sender.flush();
      return trace.calls().some(({fn}) => fn === 'Close');
    };
    await until(after, {what: 'what comes after', timeoutMs: 20_000});
    const {summary} = await trace.end();
    await sender.close();
    expect(summary['calls']).toBe(trace.calls().length);
    expect(summary['calls']).toBeLessThan(sent);
    expect(summary).toMatchObject({complete: false, gaps: expect.any(Number)});
    expect(trace.err).toContain('warning: the trace is incomplete');
  }, 90_000);

  test('saves exactly what it showed', async () => {
    await using folder = await temporaryFolder('gatectl-trace-live-');
    const file = path.join(folder.path, 'x.capture');
    const trace = await tracing(...flags(), '--save', file, '--registry', 'static:Gate@a=_INBOX.a');
    for (let n = 0; n < 500; n += 1) {
      bus.publish('_INBOX.a', callBytes(`s${n}`, 'Update', [span, text(`s${n}`)]));
      bus.publish('_INBOX.caller', resultBytes(`s${n}`));
    }
    await until(() => trace.calls().length === 500, {what: 'all calls'});
    await trace.end();
    const replay = await spawnGatectl(['trace', '--from', file, '-o', 'jsonl']);
    const shown = (out: string) => out.split('\n').filter((line) => line.startsWith('{"type":"call"'));
    expect(shown(replay.out)).toEqual(shown(trace.out));
    expect(replay.code).toBe(0);
  });

  test('ends silently when its reader exits', async () => {
    const trace = new TraceProcess(...flags(), '--registry', 'static:Gate@a=_INBOX.a');
    traces.push(trace);
    await trace.listening();
    const child = trace['child'];
    child.stdout.destroy();
    const closed = once(child, 'close');
    await until(
      () => {
        bus.publish('_INBOX.a', callBytes('1', 'Update', [span, text('s')], {reply: false}));
        return child.exitCode !== null;
      },
      {what: 'the trace to end'},
    );
    await closed;
    expect(child.exitCode).toBe(0);
    expect(trace.err).not.toContain('error');
  });
});
