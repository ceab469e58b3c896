import {describe, expect, test} from 'vitest';
import {CallError} from '../../../../src/base/errors.js';
import {AnomalyCollector, maxAnomaliesPerCheck} from '../../../../src/cluster/anomalies/anomaly.js';
import {hash53, StringHashSet} from '../../../../src/cluster/anomalies/string-hash-set.js';
import {encodeSession} from '../../../../src/session/codec/session-protobuf.js';
import {aRow, aSession, FakeGate} from '../../../support/fake-gate.js';
import {type CliWorld, gatectl} from '../../../support/run-cli.js';

interface Item {
  readonly check: string;
  readonly severity: string;
  readonly subject: string;
  readonly evidence: string;
  readonly next: string;
}

async function anomalies(world: CliWorld, line = '') {
  const {code, out, err} = await gatectl(`anomalies --severity low -o json ${line}`, world);
  const {items, ...about} = JSON.parse(out) as {
    items: Item[];
    checks: {check: string; found: number | null; note: string}[];
    complete: boolean;
    sessions: number;
    records: number;
  };
  const brief = items.map(({check, severity, subject}) => [check, severity, subject]);
  return {code, err, items, about, brief};
}

const record = (gate: FakeGate, uid: string, fields: {sessionId: string; serverId: string}) =>
  gate.records.set(uid, {
    ...{uid, revision: '1', expiresAt: 0},
    value: encodeSession(aSession({userId: uid, ...fields})),
  });

const silence = (gate: FakeGate, fns: readonly string[]) => {
  gate.before = (fn) => {
    if (!fns.includes(fn)) return;
    throw new CallError({reason: 'timeout', node: gate.nodeId, fn}, `${gate.nodeId} did not answer`);
  };
};

describe('anomalies', () => {
  test('are not found in a healthy cluster, with exit code 0', async () => {
    const gate = new FakeGate('Gate@a', [aRow({serverId: 'Gate@a', sessionId: 's1', userId: 'u1'})]);
    record(gate, 'u1', {sessionId: 's1', serverId: 'Gate@a'});
    const {code, brief, about, err} = await anomalies({gates: [gate]});
    expect({code, brief, about}).toMatchObject({
      code: 0,
      brief: [],
      about: {complete: true, sessions: 1, records: 1, checks: expect.arrayContaining([])},
    });
    expect(err).toBe('checked 1 session and 1 record: 0 high, 0 medium, 0 low\n');
  });

  test('include clients whose oldest packet waits for more than a minute', async () => {
    const gate = new FakeGate('Gate@a');
    gate.now = () => 1_000_000;
    const add = (sessionId: string, oldestWaitingAt: number) =>
      gate.add(
        aRow(
          {sessionId, serverId: 'Gate@a', userId: sessionId},
          {connectedAt: 999_000, connectionState: {waitingBytes: 500, oldestWaitingAt}},
        ),
      );
    add('slow', 941_000);
    add('stuck', 939_000);
    const {code, items} = await anomalies({gates: [gate]}, '--checks stuck');
    expect({code, items}).toMatchObject({
      code: 1,
      items: [
        {
          ...{check: 'stuck', severity: 'medium', subject: 'Gate@a/stuck'},
          evidence: 'does not read: 500 bytes wait, the oldest for 61 s',
          next: 'gatectl sessions get Gate@a/stuck',
        },
      ],
    });
    const older = new FakeGate('Gate@b');
    older.lacks.add('GatectlConnections');
    const partly = await anomalies({gates: [gate, older]}, '--checks stuck');
    expect(partly.about).toMatchObject({
      complete: true,
      checks: [{check: 'stuck', found: 1, note: 'Gate@b cannot tell what waits for clients'}],
    });
    const none = await anomalies({gates: [older]}, '--checks stuck');
    expect(none.about.checks).toMatchObject([
      {found: null, note: 'Gate@b cannot tell what waits for clients'},
    ]);
    silence(gate, ['GatectlConnections']);
    const silent = await anomalies({gates: [gate, new FakeGate('Gate@c')]}, '--checks stuck');
    expect(silent).toMatchObject({code: 3, brief: []});
  });

  test('include one uid on two gates and twice on one, each once with its sessions', async () => {
    const [a, b] = [new FakeGate('Gate@a'), new FakeGate('Gate@b')];
    for (const [gate, sessionId, userId] of [
      [a, 's1', 'both'],
      [b, 's2', 'both'],
      [a, 's3', 'twice'],
      [a, 's4', 'twice'],
      [a, 's5', 'once'],
    ] as const)
      gate.add(aRow({sessionId, userId, serverId: gate.nodeId}));
    const {code, items, brief} = await anomalies({gates: [a, b]}, '--checks duplicate-uid');
    expect(brief).toEqual([
      ['duplicate-uid', 'high', 'both'],
      ['duplicate-uid', 'medium', 'twice'],
    ]);
    expect(items[0]).toMatchObject({
      evidence: '2 sessions on 2 gates: Gate@a/s1, Gate@b/s2',
      next: 'gatectl sessions find both',
    });
    expect(code).toBe(1);
  });

  test('exclude a uid whose session closed before the second look', async () => {
    const [a, b] = [new FakeGate('Gate@a'), new FakeGate('Gate@b')];
    a.add(aRow({sessionId: 's1', userId: 'moved', serverId: 'Gate@a'}));
    b.add(aRow({sessionId: 's2', userId: 'moved', serverId: 'Gate@b'}));
    a.before = (fn) => {
      if (fn === 'GatectlFind') a.rows.delete('s1');
    };
    expect((await anomalies({gates: [a, b]})).brief).toEqual([]);
  });

  test('examine many suspects by a second listing', async () => {
    const gate = new FakeGate('Gate@a');
    for (let at = 0; at < 600; at += 1) gate.add(aRow({userId: `u${at % 300}`, serverId: 'Gate@a'}));
    const {brief} = await anomalies({gates: [gate]}, '--checks duplicate-uid');
    expect(brief).toHaveLength(300);
    expect(gate.calls).not.toContain('GatectlFind');
  });

  test("include old guests by their gate's clock, and sessions that name no gate or another", async () => {
    const gate = new FakeGate('Gate@a');
    gate.now = () => 10_000_000;
    gate.add(aRow({sessionId: 'old', serverId: 'Gate@a'}, {connectedAt: 10_000_000 - 7_200_001}));
    gate.add(aRow({sessionId: 'young', serverId: 'Gate@a'}, {connectedAt: 10_000_000 - 60_000}));
    gate.add(aRow({sessionId: 'bound', serverId: 'Gate@a', userId: 'u'}, {connectedAt: 1}));
    gate.add(aRow({sessionId: 'none', serverId: '', userId: 'v'}));
    gate.add(aRow({sessionId: 'other', serverId: 'Gate@z', userId: 'w'}));
    const {code, brief, items} = await anomalies({gates: [gate]}, '--guest-older-than 2h');
    expect(brief).toEqual([
      ['no-server', 'high', 'Gate@a/none'],
      ['no-server', 'high', 'Gate@a/other'],
      ['old-guest', 'low', 'Gate@a/old'],
    ]);
    expect(items[2]?.evidence).toBe('a guest for 7200 s from 127.0.0.1:50000');
    expect(code).toBe(1);
    expect((await anomalies({gates: [gate]}, '--checks old-guest')).code).toBe(0); // low alone is no fault
  });

  test('include ghosts, orphans and invalid bytes among the records', async () => {
    const gate = new FakeGate('Gate@a', [
      aRow({sessionId: 's1', userId: 'u1', serverId: 'Gate@a'}),
      aRow({sessionId: 's2', userId: 'u2', serverId: 'Gate@a'}),
    ]);
    record(gate, 'u1', {sessionId: 's1', serverId: 'Gate@a'});
    record(gate, 'u2', {sessionId: 'before', serverId: 'Gate@a'});
    record(gate, 'left', {sessionId: 'gone', serverId: 'Gate@a'});
    record(gate, 'lost', {sessionId: 's9', serverId: 'Gate@old'});
    gate.records.set('bytes', {
      uid: 'bytes',
      value: Buffer.from('not a session'),
      revision: '1',
      expiresAt: 0,
    });
    const {brief, about} = await anomalies({gates: [gate]});
    expect(brief).toEqual([
      ['ghost', 'medium', 'u2'],
      ['undecodable', 'medium', 'bytes'],
      ['ghost', 'low', 'left'],
      ['orphan', 'low', 'lost'],
    ]);
    expect(about.records).toBe(5);
  });

  test('are counted at low severity, and shown on request', async () => {
    const gate = new FakeGate('Gate@a');
    record(gate, 'left', {sessionId: 'gone', serverId: 'Gate@a'});
    const usual = await gatectl('anomalies', {gates: [gate]});
    expect(usual).toMatchObject({
      ...{code: 0, out: ''},
      err: 'checked 0 sessions and 1 record: 0 high, 0 medium, 1 low; to show all: --severity low\n',
    });
    for (const flags of ['--severity low', '--checks ghost'])
      expect((await gatectl(`anomalies ${flags}`, {gates: [gate]})).out).toContain('left');
  });

  test('exclude a record of a session that connected after the listing', async () => {
    const gate = new FakeGate('Gate@a');
    record(gate, 'new', {sessionId: 'just', serverId: 'Gate@a'});
    gate.before = (fn) => {
      if (fn === 'GatectlRecordList') gate.add(aRow({sessionId: 'just', userId: 'new', serverId: 'Gate@a'}));
    };
    expect((await anomalies({gates: [gate]}, '--checks ghost')).brief).toEqual([]);
    expect(gate.calls).toContain('Update');
  });

  test('report a silent gate instead of guessing its sessions', async () => {
    const [a, b] = [new FakeGate('Gate@a'), new FakeGate('Gate@b')];
    silence(b, ['GatectlList', 'Update', 'GatectlInfo', 'GatectlRecordList']);
    record(a, 'u', {sessionId: 's', serverId: 'Gate@b'});
    const {code, brief, about, err} = await anomalies({gates: [a, b]});
    expect({code, brief, complete: about.complete}).toEqual({code: 3, brief: [], complete: false});
    expect(err).toContain('warning: 1 of 2 gates did not answer (Gate@b did not answer)');
    expect(err).toContain('ghost: 1 records were not checked: the gate did not answer');
    expect((await anomalies({gates: [a, b]}, '--allow-partial')).code).toBe(0);
  });

  test('report that record checks need storage that lists', async () => {
    const gate = new FakeGate('Gate@a');
    const {info} = gate;
    gate.info = async () => {
      const told = await info.call(gate);
      return {...told, storage: {...told.storage, kind: 'none', list: false}};
    };
    const {about, code, err} = await anomalies({gates: [gate]});
    expect(code).toBe(0);
    expect(about.checks.filter(({found}) => found === null).map(({check}) => check)).toEqual([
      'ghost',
      'orphan',
      'undecodable',
    ]);
    expect(err).toContain('--store reads a store directly');
  });

  test('print a safe command for any uid', async () => {
    const gate = new FakeGate('Gate@a');
    for (const sessionId of ['s1', 's2'])
      gate.add(aRow({sessionId, userId: '$(touch pwned)', serverId: 'Gate@a'}));
    const {items} = await anomalies({gates: [gate]});
    expect(items[0]?.next).toBe("gatectl sessions find '$(touch pwned)'");
  });

  test('report what cannot be checked', async () => {
    expect(await gatectl('anomalies --checks everything', {gates: []})).toMatchObject({
      code: 2,
      err: expect.stringContaining('unknown check "everything"'),
    });
  });
});

describe('bounds', () => {
  test('keeps a limited number of findings per check, counts all and reports it', () => {
    const findings = new AnomalyCollector(['ghost']);
    for (let at = 0; at < maxAnomaliesPerCheck + 5; at += 1)
      findings.add({
        ...{check: 'ghost', severity: 'low', subject: `u${at}`, evidence: '', sessions: [], next: []},
      });
    expect(findings.anomalies()).toHaveLength(maxAnomaliesPerCheck);
    expect(findings.summaries()).toEqual([
      {
        check: 'ghost',
        found: maxAnomaliesPerCheck + 5,
        note: `${maxAnomaliesPerCheck + 5} found, ${maxAnomaliesPerCheck} of them kept`,
      },
    ]);
  });

  test('distinguishes a hundred thousand texts, and counts those above the bound', () => {
    const seen = new StringHashSet();
    const texts = Array.from({length: 100_000}, (_, at) => `user ${at}`);
    expect(texts.filter((text) => seen.see(text))).toEqual([]);
    expect(texts.filter((_, at) => at % 997 === 0).every((text) => seen.see(text))).toBe(true);
    expect(seen.has('user 100000')).toBe(false);
    expect(seen.size).toBe(100_000);
    const small = new StringHashSet(1024);
    for (let at = 0; at < 1000; at += 1) small.see(`user ${at}`);
    expect(small.size + small.forgotten).toBe(1000);
    expect(small.forgotten).toBeGreaterThan(200);
    expect(hash53('')).not.toBe(0);
  });
});
