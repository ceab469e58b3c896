import {describe, expect, test} from 'vitest';
import {CallError, PermissionError, UnreachableError} from '../../../src/base/errors.js';
import {diagnose} from '../../../src/cli/commands/doctor/diagnose.js';
import {FakeGate} from '../../support/fake-gate.js';
import {fakeCluster, gatectl, memoryJournal} from '../../support/run-cli.js';

const now = Date.UTC(2026, 0, 1);

function aGate(id: string, skewMs = 0): FakeGate {
  const gate = new FakeGate(id);
  const {info} = gate;
  gate.info = async () => ({...(await info.call(gate)), now: now + skewMs, startedAt: now - 3_600_000});
  return gate;
}

const findings = async (world: Parameters<typeof gatectl>[1]) => {
  const {code, out, err} = await gatectl('doctor -o json', {now, ...world});
  const {items, ...about} = JSON.parse(out) as {items: readonly Record<string, string>[]; ok: number};
  return {code, err, about, items, of: (check: string) => items.filter((item) => item['check'] === check)};
};

describe('doctor', () => {
  test('passes a healthy cluster', async () => {
    const {code, about, items} = await findings({gates: [aGate('Gate@a'), aGate('Gate@b')]});
    expect({code, about}).toEqual({
      code: 0,
      about: {
        ...{version: 1, limited: false, total: items.length, complete: true},
        ...{ok: items.length, warn: 0, fail: 0},
      },
    });
    expect(new Set(items.map(({check}) => check))).toEqual(
      new Set([
        'bus',
        'registry',
        'round trip',
        'functions',
        'health',
        'versions',
        'clock',
        'storage',
        'permissions',
      ]),
    );
  });

  test('reports a stock gate, a silent gate and clock skew, each with a next step', async () => {
    const [stock, silent, late] = [aGate('Gate@stock'), aGate('Gate@silent'), aGate('Gate@late', -3_600_000)];
    stock.stock = true;
    silent.before = (fn) => {
      throw new CallError(
        {reason: 'timeout', node: 'Gate@silent', fn},
        'Gate@silent did not answer within 2000 ms',
      );
    };
    const {code, of, items} = await findings({gates: [stock, silent, late]});
    expect(code).toBe(3);
    expect(of('functions').find(({subject}) => subject === 'Gate@stock')).toMatchObject({
      state: 'warn',
      detail: expect.stringContaining('stock mqant gate'),
    });
    expect(of('round trip').find(({subject}) => subject === 'Gate@silent')).toMatchObject({state: 'fail'});
    expect(of('clock').find(({subject}) => subject === 'Gate@late')).toMatchObject({
      state: 'warn',
      detail: '1h behind',
    });
    for (const {state, next} of items) expect(state === 'ok' ? '' : next).toBe(next);
    for (const {state, next} of items) if (state !== 'ok') expect(next).not.toBe('');
  });

  test('sums its findings up, and names what finds inconsistent sessions', async () => {
    const {err} = await gatectl('doctor', {gates: [aGate('Gate@a')]});
    expect(err).toMatch(/^\d+ ok, \d+ warnings?, 0 failed; .*online twice.*: gatectl anomalies$/m);
  });

  test('reports a draining gate, which may have been forgotten', async () => {
    const gate = aGate('Gate@a');
    gate.state = 'draining';
    const {code, of} = await findings({gates: [gate, aGate('Gate@b')]});
    expect(code).toBe(0);
    expect(of('drain')).toMatchObject([
      {subject: 'Gate@a', state: 'warn', next: 'gatectl gates resume Gate@a'},
    ]);
  });

  test('tells a slow gate from clock skew, and finds skew beside a silent gate', async () => {
    let time = 0;
    const clock = {
      now: () => time,
      wait: async (ms: number) => {
        time += ms;
      },
    };
    const passes = async (ms: number) => {
      await new Promise((resolve) => setImmediate(resolve)); // who answers at once has answered
      time += ms;
    };
    const [late, slow, silent] = [aGate('Gate@late', -3500), aGate('Gate@slow'), aGate('Gate@silent')];
    const {info} = slow;
    slow.info = async () => {
      await passes(6000);
      return {...(await info.call(slow)), now: now + time};
    };
    silent.info = async () => {
      await passes(2000);
      throw new CallError({reason: 'timeout', node: 'Gate@silent', fn: 'GatectlInfo'}, 'did not answer');
    };
    const cluster = fakeCluster([late, slow, silent], undefined, clock);
    const states: Record<string, string> = {};
    for await (const {check, subject, state} of diagnose({
      open: async () => cluster,
      now: () => now + time,
      readOnly: undefined,
    }))
      if (check === 'clock') states[subject] = state;
    expect(states).toEqual({'Gate@late': 'warn', 'Gate@slow': 'ok'});
  });

  test('reports the bus, the cost of a power loss and the effect of missing functions', async () => {
    const [whole, less] = [aGate('Gate@a'), aGate('Gate@b')];
    const told = less.info;
    less.info = async () => {
      const info = await told();
      const functions = info.functions.filter((fn) => fn !== 'GatectlWatch');
      const storage = {...info.storage, kind: 'redis', expire: false, dirty: 7, failure: 'READONLY'};
      return {...info, softwareVersion: '9.9.9', functions, storage};
    };
    const {of} = await findings({gates: [whole, less]});
    expect(of('bus')[0]?.['detail']).toMatch(/nats-server 2\.9\.10, round trip 0\.0 ms, .*no TLS/);
    expect(of('functions')[1]?.['detail']).toContain('without GatectlWatch (sessions watch and live views)');
    expect(of('versions')).toMatchObject([{state: 'warn', detail: 'mixed: fake 0.0.0, fake 9.9.9'}]);
    expect(of('storage')).toMatchObject([
      {state: 'ok', detail: expect.stringContaining('lost when the process ends')},
      {
        state: 'warn',
        detail: expect.stringMatching(/^7 unsaved sessions: READONLY; redis.*appendfsync.*cannot expire$/),
      },
    ]);
  });

  test('warns of a held event loop, long queues and a full heap', async () => {
    const [sound, bad, old] = [aGate('Gate@a'), aGate('Gate@b'), aGate('Gate@c')];
    bad.health = {loopDelayMs: 450, waitingBytes: 2 ** 30, heapBytes: 95, heapLimitBytes: 100};
    old.health = undefined;
    const {of} = await findings({gates: [sound, bad, old]});
    expect(of('health').map(({state, subject, detail}) => [state, subject, detail])).toEqual([
      [
        'ok',
        'Gate@a',
        'event loop held for up to 1 ms, 0 B wait for slow clients, heap 20.0 MiB of 2.0 GiB, 50.0 MiB in RAM',
      ],
      ['warn', 'Gate@b', 'event loop held for up to 450 ms'],
      ['warn', 'Gate@b', '1.0 GiB wait for slow clients'],
      ['warn', 'Gate@b', 'heap 95 B of 100 B'],
    ]);
  });

  test('reports limits that turn clients away, and certificates that expire', async () => {
    const gate = aGate('Gate@a');
    const {info, stats} = gate;
    const day = 86_400_000;
    const limits = {connectionsPerAddress: 1000, maxSessions: 5};
    const certificates = [
      {listener: 'tcp', minVersion: 'TLSv1.2', expiresAt: now + 3 * day},
      {listener: 'ws', minVersion: 'TLSv1.3', expiresAt: now - day},
    ] as const;
    const limitHits = {
      connectionsPerAddress: {count: 1234, lastAt: now - 60_000},
      maxSessions: {count: 1, lastAt: now - day},
    };
    gate.info = async () => ({
      ...(await info.call(gate)),
      ...{now, admission: {authenticate: 'jwt', limits, warmUpMs: 0, certificates}},
    });
    gate.stats = async () => ({...(await stats.call(gate)), limitHits});
    const {code, of} = await findings({gates: [gate]});
    expect(code).toBe(3);
    expect(of('limits')).toMatchObject([
      {
        state: 'warn',
        detail: 'connectionsPerAddress 1 000 hit 1 234 times since the start, last 1m ago',
        next: expect.stringContaining('raise limits.connectionsPerAddress'),
      },
    ]);
    expect(of('certificate')).toMatchObject([
      {
        state: 'warn',
        detail: 'tcp: expires in 3d, TLSv1.2 and later',
        next: expect.stringContaining('replace'),
      },
      {state: 'fail', detail: 'ws: expired 1d ago'},
    ]);
    limitHits.connectionsPerAddress.lastAt = now - day;
    expect((await findings({gates: [gate]})).of('limits')).toMatchObject([
      {state: 'ok', detail: 'sign-in by jwt; no limit hit in the last 10m'},
    ]);
    const {out} = await gatectl('metrics', {gates: [gate]});
    expect(out).toContain('gatectl_gate_limit_hits_total{gate="Gate@a",limit="maxSessions"} 1\n');
    expect(out).toContain('gatectl_gate_limit{gate="Gate@a",limit="connectionsPerAddress"} 1000\n');
    expect(out).toContain(
      `gatectl_gate_certificate_expiry_time_seconds{gate="Gate@a",listener="ws"} ${(now - day) / 1000}\n`,
    );
    const wide = (await gatectl('gates info -o wide', {gates: [gate], columns: 400})).out;
    expect(wide).toContain('connectionsPerAddress=1000 maxSessions=5');
    expect(wide).toContain('tcp TLSv1.2 until 2026-01-04T00:00:00.000Z');
  });

  test('reports a store that does not answer', async () => {
    const gate = aGate('Gate@a');
    gate.before = (fn) => {
      if (fn !== 'GatectlRecordGet') return;
      throw new CallError({reason: 'refused', node: 'Gate@a', fn}, 'Gate@a: connection refused');
    };
    const {code, of} = await findings({gates: [gate]});
    expect({code, storage: of('storage')}).toMatchObject({
      code: 0,
      storage: [{state: 'warn', detail: 'memory does not answer: Gate@a: connection refused'}],
    });
    expect((await gatectl('doctor --strict', {now, gates: [gate]})).code).toBe(1);
  });

  test.each([
    {
      software: 'gatectl',
      outage: 'stores unsaved sessions once the store is back',
      noStore: 'gatectl gate run --store …',
      lacking: 'update gatectl on the gate',
      isCounted: true,
    },
    {
      software: 'mqant',
      outage: 'mqant does not retry failed writes: the session is stored at its next bind or settings change',
      noStore: "call SetStorageHandler in the gate's OnInit",
      lacking: 'update the add-on in the gate',
      isCounted: false,
    },
    {
      software: 'other',
      outage: 'it is unknown whether the gate retries failed writes',
      noStore: "see the gate's documentation",
      lacking: 'update the gate',
      isCounted: true,
    },
  ])('C11: doctor describes $software correctly', async (one) => {
    const [failing, bare, sound] = [aGate('Gate@failing'), aGate('Gate@bare'), aGate('Gate@sound')];
    for (const gate of [failing, bare, sound]) {
      const info = gate.info.bind(gate);
      gate.info = async () => ({...(await info()), software: one.software});
    }
    failing.before = (fn) => {
      if (fn === 'GatectlRecordGet')
        throw new CallError({reason: 'refused', node: 'Gate@failing', fn}, 'Gate@failing: no connection');
    };
    const bareInfo = bare.info.bind(bare);
    bare.info = async () => {
      const info = await bareInfo();
      const storage = {...info.storage, kind: 'none', get: false};
      return {...info, storage, functions: info.functions.filter((fn) => fn !== 'GatectlEdit')};
    };
    const {of} = await findings({gates: [failing, bare, sound]});
    const storage = (node: string) => of('storage').find(({subject}) => subject === node);
    expect(storage('Gate@failing')?.['next']).toContain(one.outage);
    expect(storage('Gate@bare')?.['next']).toBe(one.noStore);
    expect(of('functions').find(({subject}) => subject === 'Gate@bare')?.['next']).toBe(one.lacking);
    const unsaved = expect(storage('Gate@sound')?.['detail']);
    const [, , , , , , dirty] = (await gatectl('gates info -o tsv', {now, gates: [sound]})).out.split('\t');
    const metrics = (await gatectl('metrics', {now, gates: [sound]})).out;
    expect(dirty).toBe(one.isCounted ? '0' : '-');
    expect(/^gatectl_gate_dirty_sessions\{/m.test(metrics)).toBe(one.isCounted);
    if (one.isCounted) unsaved.not.toContain('does not report failed writes');
    else unsaved.toContain('does not report failed writes');
  });

  test('warns of an unencrypted bus', async () => {
    const openCluster = async () =>
      Object.assign(fakeCluster([aGate('Gate@a')]), {server: 'nats://10.0.0.1:4222'});
    const {of} = await findings({openCluster});
    expect(of('bus')).toMatchObject([{state: 'warn', detail: expect.stringContaining('travel unencrypted')}]);
  });

  test('reports the source of read-only', async () => {
    const {of} = await findings({gates: [aGate('Gate@a')], env: {GATECTL_READ_ONLY: '1'}});
    expect(of('permissions').map(({detail}) => detail)).toContain('read-only, set by GATECTL_READ_ONLY');
  });

  test('exits 74 for an unwritable journal, unless something worse failed', async () => {
    const journal = {...memoryJournal(), name: '/dev/null/journal.jsonl'};
    const {code, of} = await findings({gates: [aGate('Gate@a')], journal});
    expect({code, journal: of('journal')}).toMatchObject({
      code: 74,
      journal: [{state: 'fail', detail: expect.stringContaining('/dev/null')}],
    });
    expect((await findings({gates: [], journal})).code).toBe(8);
  });

  test.each([
    [new UnreachableError('cannot reach NATS at nats://x: connection refused', {hint: 'start it'}), 8],
    [new PermissionError('NATS at nats://x refused the token'), 4],
  ])('reports an unreachable bus: %s', async (error, expected) => {
    const {code, items} = await findings({openCluster: async () => Promise.reject(error)});
    expect({code, items}).toEqual({
      code: expected,
      items: [expect.objectContaining({check: 'bus', state: 'fail', detail: error.message})],
    });
  });

  test('reports an empty registry', async () => {
    const {code, of} = await findings({gates: []});
    expect(code).toBe(8);
    expect(of('registry')).toMatchObject([
      {state: 'fail', detail: expect.stringContaining('no gate of type')},
    ]);
  });
});
