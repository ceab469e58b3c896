import {describe, expect, test} from 'vitest';
import {aRow, FakeGate} from '../../../../support/fake-gate.js';
import {type CliWorld, fakeCluster, gatectl, memoryJournal, realClock} from '../../../../support/run-cli.js';

const now = 100_000;

/** A gate whose sessions were last active at these times. */
function aGate(name: string, ...lastActive: readonly number[]): FakeGate {
  const gate = new FakeGate(
    `Gate@${name}`,
    lastActive.map((at) => aRow({serverId: `Gate@${name}`}, {lastActiveAt: at})),
  );
  gate.now = () => now;
  return gate;
}

const kicked = (gate: FakeGate): number => gate.calls.filter((call) => call === 'Close').length;

describe('gates drain', () => {
  test('evicts the sessions of the named gates, which refuse new ones from then on', async () => {
    const [a1, a2, b] = [aGate('a-1', 1, 2, 3), aGate('a-2', 4), aGate('b', 5)];
    const journal = memoryJournal();
    const world = {gates: [a1, a2, b], journal};
    const {code, out, err} = await gatectl(['gates', 'drain', 'Gate@a-*', '--yes', '-o', 'json'], world);
    expect(code, err).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      items: [
        {gate: 'Gate@a-1', state: 'drained', sessions: 3, evicted: 3, failed: 0, left: 0},
        {gate: 'Gate@a-2', state: 'drained', sessions: 1, evicted: 1, failed: 0, left: 0},
      ],
      ...{action: 'drain', evicted: 4, failed: 0, left: 0},
    });
    expect([a1.state, a2.state, b.state, b.rows.size]).toEqual(['draining', 'draining', 'serving', 1]);
    expect(a1.calls.indexOf('GatectlDrain')).toBeLessThan(a1.calls.indexOf('Close'));
    expect(err).toContain('to resume: gatectl gates resume Gate@a-1 Gate@a-2');
    const [, result] = journal.lines;
    expect(result).toMatchObject({
      changes: [
        {target: 'Gate@a-1', before: {state: 'serving'}, after: {state: 'draining'}},
        {target: 'Gate@a-2'},
      ],
      counts: {evicted: 4, failed: 0, left: 0},
    });
  });

  test('--dry-run shows the gates and changes nothing', async () => {
    const [a, stock, b] = [aGate('a', 1, 2), aGate('stock', 3), aGate('b')];
    stock.stock = true;
    const line = 'gates drain Gate@a Gate@stock --dry-run -o json --max-connects 10';
    const {code, out, err} = await gatectl(line, {gates: [a, stock, b]});
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      items: [
        {gate: 'Gate@a', state: 'serving', sessions: 2, newSessions: 'refused'},
        {gate: 'Gate@stock', state: null, sessions: null, newSessions: 'taken'},
      ],
      would: 'drain',
    });
    expect(err).toContain('Gate@stock cannot refuse new sessions');
    expect(err).toContain('starting with 8 in total, so that no other gate gets more than 10');
    expect([a.state, kicked(a), kicked(stock)]).toEqual(['serving', 0, 0]);
  });

  test('--no-evict only refuses new sessions', async () => {
    const [a, stock, b] = [aGate('a', 1, 2), aGate('stock', 3), aGate('b')];
    stock.stock = true;
    const {code, out, err} = await gatectl('gates drain Gate@a --no-evict --yes -o json', {gates: [a, b]});
    expect(code, err).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      items: [{gate: 'Gate@a', state: 'draining', evicted: 0, left: 2}],
    });
    expect([a.state, kicked(a)]).toEqual(['draining', 0]);
    const onStock = await gatectl('gates drain Gate@stock --no-evict --yes', {gates: [stock, b]});
    expect([onStock.code, kicked(stock)]).toEqual([3, 0]);
    expect(onStock.err).toContain('Gate@stock cannot refuse new sessions');
    const asked = await gatectl('cordon Gate@b', {gates: [b, aGate('c')], stdin: 'n\n', terminal: 'all'});
    expect(asked.err).toContain('running: gatectl gates drain Gate@b --no-evict');
  });

  test('warns when the other gates cannot take all sessions', async () => {
    const [a, b] = [aGate('a', 1, 2, 3), aGate('b', 4)];
    const {info} = b;
    const admission = {authenticate: 'none', limits: {maxSessions: 2}, warmUpMs: 0, certificates: []};
    b.info = async () => ({...(await info.call(b)), admission});
    const {err} = await gatectl('gates drain Gate@a --dry-run', {gates: [a, b]});
    expect(err).toContain('the other gates can take 1 session, but 3 will reconnect');
  });

  test('kicks the known sessions of a stock gate, and is incomplete', async () => {
    const stock = aGate('stock', 1);
    stock.stock = true;
    const {code, out} = await gatectl('gates drain Gate@stock --yes -o json', {gates: [stock, aGate('b')]});
    expect(code).toBe(3);
    expect(JSON.parse(out).items).toMatchObject([{gate: 'Gate@stock', state: 'serving', left: null}]);
    expect(stock.calls).not.toContain('GatectlDrain');
  });

  test('--wait-idle skips active sessions, and --wait ends with the remaining ones', async () => {
    const gate = aGate('a', now - 60_000, now - 5000, now - 40_000);
    const line = 'gates drain Gate@a --yes --wait-idle 30s --wait 50ms -o json';
    const {code, out, err} = await gatectl(line, {gates: [gate, aGate('b')]});
    expect(JSON.parse(out).items).toMatchObject([{state: 'draining', sessions: 3, evicted: 2, left: 1}]);
    expect(err).toContain('stopped with 1 session left on Gate@a');
    expect([code, gate.rows.size, gate.state]).toEqual([1, 1, 'draining']);
  });

  test('--wait-idle is refused for a gate that does not report activity', async () => {
    const gate = aGate('a', 1);
    gate.info = async () => ({...(await aGate('a').info()), software: 'mqant'});
    const {code, err} = await gatectl('gates drain Gate@a --yes --wait-idle 30s', {gates: [gate]});
    expect(code).toBe(2);
    expect(err).toContain('Gate@a does not report when its clients were last active');
    expect(gate.state).toBe('serving');
  });

  test('stops when the gate takes sessions again', async () => {
    const gate = aGate('a', 1, 2);
    gate.before = (fn) => {
      if (fn === 'Close') gate.state = 'serving'; // as after a restart
    };
    const {code, err} = await gatectl('gates drain Gate@a --yes', {gates: [gate, aGate('b')]});
    expect(code).toBe(1);
    expect(err).toContain('Gate@a was restarted or resumed and accepts new sessions');
  });

  test('stops evicting soon after another operator resumed the gate', async () => {
    const gate = aGate('a', ...Array.from({length: 100}, () => 1));
    gate.before = (fn) => {
      if (fn === 'Close') gate.state = 'serving';
    };
    const openCluster = async () => fakeCluster([gate, aGate('b')], undefined, realClock);
    const {code, err} = await gatectl('gates drain Gate@a --yes --rate 20', {openCluster});
    expect(err).toContain('restarted or resumed');
    expect(code).toBe(1);
    expect(kicked(gate)).toBeLessThan(50);
  });

  test('Ctrl-C leaves the gate draining, with a notice', async () => {
    const gate = aGate('a', now);
    const stop = new AbortController();
    gate.before = (fn) => {
      if (fn === 'GatectlStats') stop.abort(new Error('interrupted'));
    };
    const line = 'gates drain Gate@a --yes --wait-idle 1h -o json';
    const {code, out, err} = await gatectl(line, {gates: [gate, aGate('b')], signal: stop.signal});
    expect(code).not.toBe(0);
    expect(JSON.parse(out).items).toMatchObject([{state: 'draining', left: 1}]);
    expect(err).toContain('to resume: gatectl gates resume Gate@a');
    expect(gate.state).toBe('draining');
  });

  test('stops after --max-errors sessions that cannot be closed', async () => {
    const gate = aGate('a', 1, 2, 3, 4);
    gate.before = (fn) => {
      if (fn === 'Close') throw new Error('no');
    };
    const refuse = {gates: [gate, aGate('b')]};
    gate.close = async () => {}; // answers, and the session stays
    const {code, out} = await gatectl('gates drain Gate@a --yes --max-errors 2 --rate 0 -o json', refuse);
    expect(code).toBe(1);
    expect(JSON.parse(out).items).toMatchObject([{state: 'draining', failed: 4, left: 4}]);
  });

  describe('confirmation', () => {
    const ask = (world: CliWorld, stdin: string) =>
      gatectl('gates drain Gate@a', {terminal: 'all', stdin, ...world});

    test('is y for few sessions, and a phrase for many', async () => {
      const few = aGate('a', 1, 2);
      expect((await ask({gates: [few, aGate('b')]}, 'y\n')).code).toBe(0);
      const many = aGate('a', ...Array.from({length: 11}, (_, at) => at + 1));
      expect((await ask({gates: [many, aGate('b')]}, 'y\n')).code).toBe(6);
      expect(many.state).toBe('serving');
      const typed = await ask({gates: [many, aGate('b')]}, 'drain Gate@a\n');
      expect([typed.code, many.rows.size]).toEqual([0, 0]);
    });

    test('is the name of the context when no other gate remains', async () => {
      const world = {contexts: {prod: {server: 'nats://127.0.0.1:4222'}}, selected: 'prod'};
      const gate = aGate('a', 1);
      const declined = await ask({...world, gates: [gate]}, 'y\n');
      expect(declined.code).toBe(6);
      expect(declined.err).toContain('no other gate is known to take the clients');
      expect((await ask({...world, gates: [gate]}, 'prod\n')).code).toBe(0);
    });
  });

  test('of an unknown pattern or gate is refused by name', async () => {
    const gates = [aGate('a')];
    const pattern = await gatectl(['gates', 'drain', 'Gate@x*', '--yes'], {gates});
    expect(pattern).toMatchObject({code: 1, err: expect.stringContaining('no gate matches "Gate@x*"')});
    expect((await gatectl('gates drain Gate@x --yes', {gates})).code).toBe(1);
  });
});

describe('gates resume', () => {
  test('makes the gates take sessions again', async () => {
    const [a, b] = [aGate('a', 1), aGate('b')];
    a.state = 'draining';
    const {code, out} = await gatectl('gates resume Gate@a -o json', {gates: [a, b]});
    expect(code).toBe(0);
    expect(JSON.parse(out).items).toEqual([{gate: 'Gate@a', state: 'serving', sessions: 1}]);
    expect([a.state, b.calls.includes('GatectlDrain')]).toEqual(['serving', false]);
  });

  test('--dry-run changes nothing', async () => {
    const gate = aGate('a', 1);
    gate.state = 'draining';
    const {out} = await gatectl('gates resume Gate@a --dry-run -o json', {gates: [gate]});
    expect(JSON.parse(out)).toMatchObject({items: [{state: 'draining'}], would: 'resume'});
    expect(gate.state).toBe('draining');
  });

  test('of a stock gate is incomplete', async () => {
    const gate = aGate('a');
    gate.stock = true;
    expect((await gatectl('gates resume Gate@a', {gates: [gate]})).code).toBe(3);
  });
});

test('gates list and info show draining and drained gates', async () => {
  const [a, b, c, stock] = [aGate('a', 1), aGate('b'), aGate('c', 1), aGate('stock')];
  a.state = 'draining';
  b.state = 'draining';
  stock.stock = true;
  const world = {gates: [a, b, c, stock]};
  const states = ['draining', 'drained', 'serving', null];
  for (const noun of ['list', 'info']) {
    const {items} = JSON.parse((await gatectl(`gates ${noun} -o json`, world)).out);
    expect(items.map(({state}: {readonly state: unknown}) => state)).toEqual(states);
    const {out} = await gatectl(`gates ${noun} -o csv`, world);
    expect(out).toMatch(/STATE/);
    expect(out).toMatch(/Gate@b.*drained/);
  }
});
