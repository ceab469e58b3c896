import {describe, expect, test, vi} from 'vitest';
import {CallError, UnreachableError} from '../../../src/base/errors.js';
import {evilText} from '../../support/evil.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {until} from '../../support/poll.js';
import {type ParsedSample, parsePrometheus} from '../../support/prometheus.js';
import {fakeCluster, gatectl} from '../../support/run-cli.js';

const valueIn = (samples: readonly ParsedSample[], name: string, gate?: string): number | undefined =>
  samples.find((one) => one.name === name && (gate === undefined || one.labels['gate'] === gate))?.value;

function failing(gate: FakeGate, error: (fn: string) => Error): FakeGate {
  gate.before = (fn) => {
    throw error(fn);
  };
  return gate;
}

const silent = (id: string): FakeGate =>
  failing(
    new FakeGate(id),
    (fn) => new CallError({reason: 'timeout', node: id, fn}, `${id} did not answer within 2000 ms`),
  );

describe('metrics printed once', () => {
  test('prints one sample per gate and metric that a strict parser accepts', async () => {
    const rows = Array.from({length: 50}, (_, at) => aRow({userId: at < 20 ? `u${at}` : ''}));
    const gates = [new FakeGate('Gate@a', rows), new FakeGate('Gate@b')];
    const {code, out, err} = await gatectl('metrics', {gates});
    const samples = parsePrometheus(out);
    expect({code, err}).toEqual({code: 0, err: ''});
    expect(valueIn(samples, 'gatectl_gate_sessions', 'Gate@a')).toBe(50);
    expect(valueIn(samples, 'gatectl_gate_bound_sessions', 'Gate@a')).toBe(20);
    expect(valueIn(samples, 'gatectl_gate_connects_total', 'Gate@a')).toBe(50);
    expect(valueIn(samples, 'gatectl_gate_sessions', 'Gate@b')).toBe(0);
    expect(valueIn(samples, 'gatectl_gates')).toBe(2);
    expect(samples.filter(({labels}) => labels['gate'] === 'Gate@a')).toHaveLength(
      samples.filter(({labels}) => labels['gate'] === 'Gate@b').length,
    );
    expect(samples.length).toBeLessThan(2 * 20); // no series a session
  });

  test('reports draining gates', async () => {
    const gates = [new FakeGate('Gate@a'), new FakeGate('Gate@b')];
    if (gates[0] !== undefined) gates[0].state = 'draining';
    const samples = parsePrometheus((await gatectl('metrics', {gates})).out);
    expect(['Gate@a', 'Gate@b'].map((gate) => valueIn(samples, 'gatectl_gate_draining', gate))).toEqual([
      1, 0,
    ]);
  });

  test('reports the health of a gate, and nothing of what it does not know', async () => {
    const [node, go] = [new FakeGate('Gate@node'), new FakeGate('Gate@go')];
    node.health = {waitingBytes: 0, loopDelayMs: 250, residentBytes: 9, heapBytes: 5, heapLimitBytes: 10};
    go.health = {residentBytes: 9, heapBytes: 5, goroutines: 7};
    const samples = parsePrometheus((await gatectl('metrics', {gates: [node, go]})).out);
    const of = (name: string) =>
      ['Gate@node', 'Gate@go'].map((gate) => valueIn(samples, `gatectl_gate_${name}`, gate));
    expect(of('waiting_bytes')).toEqual([0, undefined]);
    expect(of('event_loop_delay_seconds')).toEqual([0.25, undefined]);
    expect(of('resident_memory_bytes')).toEqual([9, 9]);
    expect(of('heap_bytes')).toEqual([5, 5]);
    expect(of('heap_limit_bytes')).toEqual([10, undefined]);
    expect(of('goroutines')).toEqual([undefined, 7]);
  });

  test('reports a silent gate as down with exit 3, and a stock gate as up without samples', async () => {
    const stock = new FakeGate('Gate@stock');
    stock.stock = true;
    const {code, out, err} = await gatectl('metrics', {
      gates: [new FakeGate('Gate@a'), silent('Gate@b'), stock],
    });
    const samples = parsePrometheus(out);
    expect(
      ['Gate@a', 'Gate@b', 'Gate@stock'].map((gate) => valueIn(samples, 'gatectl_gate_up', gate)),
    ).toEqual([1, 0, 1]);
    expect(valueIn(samples, 'gatectl_gate_sessions', 'Gate@b')).toBeUndefined();
    expect(valueIn(samples, 'gatectl_gate_sessions', 'Gate@stock')).toBeUndefined();
    expect({code, err}).toEqual({code: 3, err: expect.stringContaining('Gate@b did not answer')});
  });

  test('escapes hostile gate names', async () => {
    const id = `Gate@"x"\\n{le="1"} 7\n# TYPE y gauge${evilText}`;
    const samples = parsePrometheus((await gatectl('metrics', {gates: [new FakeGate(id)]})).out);
    expect(samples.filter(({name}) => name === 'gatectl_gate_up')).toHaveLength(1);
    expect(samples.find(({name}) => name === 'gatectl_gate_up')?.labels['gate']).toContain('Gate@"x"');
  });
});

test('the strict parser rejects malformed text', () => {
  const good = '# HELP a_total Help.\n# TYPE a_total counter\na_total{g="x\\"y"} 1\n';
  expect(parsePrometheus(good)).toEqual([{name: 'a_total', labels: {g: 'x"y'}, value: 1}]);
  for (const bad of [
    good.trimEnd(),
    good.replace('counter', 'gauge'),
    good.replace('} 1', '} one'),
    good.replace('# TYPE a_total counter\n', ''),
    `${good}a_total{g="x\\"y"} 2\n`,
    `${good}${good}`,
    good.replace('g="x\\"y"', 'g="x"y"'),
  ])
    expect(() => parsePrometheus(bad), bad).toThrow();
});

describe('metrics --listen', () => {
  async function served(gates: readonly FakeGate[]) {
    const stop = new AbortController();
    const cluster = fakeCluster(gates);
    const said: string[] = [];
    const ended = gatectl('metrics --listen 127.0.0.1:0', {
      gates,
      openCluster: async () => cluster,
      signal: stop.signal,
      onErr: (text) => said.push(text),
    });
    const url = await until(() => /http:\S+/.exec(said.join(''))?.[0].replace(';', ''), {
      what: 'the address',
    });
    const end = () => {
      stop.abort(new UnreachableError('stopped'));
      return ended;
    };
    return {url, cluster, end};
  }

  test('answers GET /metrics only, with fresh values, until stopped', async () => {
    const gate = new FakeGate('Gate@a');
    const {url, end} = await served([gate]);
    const scrape = async () => {
      const response = await fetch(url);
      const text = await response.text();
      expect(response.status, text).toBe(200);
      expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
      return parsePrometheus(text);
    };
    expect(valueIn(await scrape(), 'gatectl_gate_sessions', 'Gate@a')).toBe(0);
    gate.add(aRow());
    const samples = await scrape();
    expect(valueIn(samples, 'gatectl_gate_sessions', 'Gate@a')).toBe(1);
    expect(valueIn(samples, 'gatectl_registry_up')).toBe(1);
    expect((await fetch(url.replace('/metrics', '/'))).status).toBe(404);
    expect((await fetch(url, {method: 'POST'})).status).toBe(405);
    expect((await end()).code).toBe(8);
    await expect(fetch(url)).rejects.toThrow();
  });

  test('reports known gates as down while the bus is unreachable', async () => {
    const gate = new FakeGate('Gate@a');
    const {url, end} = await served([gate]);
    await fetch(url);
    failing(gate, () => new UnreachableError('the connection to NATS is down'));
    const samples = parsePrometheus(await (await fetch(url)).text());
    expect(valueIn(samples, 'gatectl_gate_up', 'Gate@a')).toBe(0);
    expect(valueIn(samples, 'gatectl_gate_sessions', 'Gate@a')).toBeUndefined();
    await end();
  });

  test('B4: reconnects on SIGHUP, and keeps the connection when that fails', async () => {
    const stop = new AbortController();
    const clusters = [0, 1].map((count) =>
      fakeCluster([
        new FakeGate(
          'Gate@a',
          Array.from({length: count}, () => aRow()),
        ),
      ]),
    );
    const opened = [...clusters];
    const closed = clusters.map((cluster) => vi.spyOn(cluster, 'close'));
    let reload = (): void => {};
    let said = '';
    const ended = gatectl('metrics --listen 127.0.0.1:0', {
      openCluster: async () => {
        const cluster = opened.shift();
        if (cluster === undefined) throw new UnreachableError('nobody is there');
        return cluster;
      },
      signal: stop.signal,
      onReload: (listener) => {
        reload = listener;
        return () => {};
      },
      onErr: (text) => {
        said += text;
      },
    });
    const url = await until(() => /http:\S+metrics/.exec(said)?.[0], {what: 'the address'});
    const sessions = async () =>
      valueIn(parsePrometheus(await (await fetch(url)).text()), 'gatectl_gate_sessions', 'Gate@a');
    expect(await sessions()).toBe(0);
    reload();
    await until(() => said.includes('reload: reconnected to'), {what: 'the reload'});
    expect(await sessions()).toBe(1);
    expect(closed.map(({mock}) => mock.calls.length)).toEqual([1, 0]);
    reload();
    await until(() => said.includes('reload failed, connection kept: nobody is there'), {
      what: 'the fault',
    });
    expect(await sessions()).toBe(1);
    stop.abort(new UnreachableError('stopped'));
    await ended;
    expect(closed[1]?.mock.calls.length).toBe(1);
  });

  test.each(['0.0.0.0:9464', '10.0.0.1:9464', '9464', '127.0.0.1:99999', '[::]:1', 'localhost'])(
    'not on %s',
    async (address) => {
      const {code, err} = await gatectl(['metrics', '--listen', address], {gates: []});
      expect({code, err}).toEqual({
        code: 2,
        err: expect.stringContaining('expected a loopback address'),
      });
    },
  );
});
