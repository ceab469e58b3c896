import {describe, expect, test} from 'vitest';
import {
  CallError,
  ConflictError,
  NegativeError,
  NoSessionError,
  OutcomeUnknownError,
  PartialError,
  UnreachableError,
  UsageError,
} from '../../../../src/base/errors.js';
import type {GateCluster} from '../../../../src/cluster/gates/gate-cluster.js';
import {parseSessionOrder} from '../../../../src/selector/sort-order.js';
import type {SessionRow} from '../../../../src/session/session.js';
import {stringBag} from '../../../../src/session/session.js';
import {aRow, FakeGate} from '../../../support/fake-gate.js';
import {fakeCluster} from '../../../support/run-cli.js';

function gateWith(nodeId: string, count: number): FakeGate {
  return new FakeGate(
    nodeId,
    Array.from({length: count}, () => aRow({serverId: nodeId})),
  );
}

/** As a gate that is stopped: its calls end at the deadline. */
function silence(gate: FakeGate, fns?: readonly string[]): void {
  gate.before = (fn) => {
    if (fns !== undefined && !fns.includes(fn)) return;
    throw new CallError(
      {reason: 'timeout', node: gate.nodeId, fn},
      `${gate.nodeId} did not answer within 2000 ms`,
    );
  };
}

const anId = (gate: FakeGate, at = 0): string => [...gate.rows.keys()][at] ?? '';

async function idsOf(rows: AsyncIterable<SessionRow>): Promise<string[]> {
  const ids: string[] = [];
  for await (const {session} of rows) ids.push(session.sessionId);
  return ids;
}

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('listing all gates', () => {
  test('B01: returns every session once, and an outcome for every gate', async () => {
    const gates = [gateWith('Gate@a', 250), gateWith('Gate@b', 0), gateWith('Gate@c', 99)];
    const listing = await fakeCluster(gates).list();
    const ids = await idsOf(listing.rows);
    expect(ids.sort()).toEqual(gates.flatMap((gate) => [...gate.rows.keys()]).sort());
    expect(
      listing
        .outcomes()
        .map(({node, status, count}) => [node, status, count])
        .sort(),
    ).toEqual([
      ['Gate@a', 'ok', 250],
      ['Gate@b', 'ok', 0],
      ['Gate@c', 'ok', 99],
    ]);
  });

  test('B05: keeps the rows of a gate that fails after two pages, and marks it as failed', async () => {
    const [good, bad] = [gateWith('Gate@a', 10), gateWith('Gate@b', 500)];
    let pages = 0;
    bad.before = (fn) => {
      if (fn === 'GatectlList' && ++pages > 2) {
        throw new CallError({reason: 'disconnected', node: bad.nodeId, fn}, `${bad.nodeId} lost the bus`);
      }
    };
    const listing = await fakeCluster([good, bad]).list();
    expect(await idsOf(listing.rows)).toHaveLength(210);
    const failed = listing.outcomes().find(({node}) => node === 'Gate@b');
    expect(failed).toMatchObject({status: 'failed', reason: 'disconnected', count: 200});
  });

  test('stops at a limit, and requests no further page', async () => {
    const gates = [gateWith('Gate@a', 1000), gateWith('Gate@b', 1000)];
    const listing = await fakeCluster(gates).list({limit: 150});
    expect(await idsOf(listing.rows)).toHaveLength(150);
    expect(gates.flatMap(({calls}) => calls).length).toBeLessThanOrEqual(5);
  });

  test('ends the listing of a gate that repeats its cursor', async () => {
    const gate = gateWith('Gate@a', 5);
    gate.list = async () => ({rows: [...gate.rows.values()], next: 'again'});
    const listing = await fakeCluster([gate]).list();
    expect(await idsOf(listing.rows)).toHaveLength(5);
    expect(listing.outcomes()).toMatchObject([{status: 'failed', reason: 'bad-reply'}]);
  });
});

describe('finding one session', () => {
  test('asks all gates, and finds the session although another gate is silent', async () => {
    const gates = [gateWith('Gate@a', 3), gateWith('Gate@b', 3), gateWith('Gate@c', 3)];
    const [, second, third] = gates;
    silence(third as FakeGate);
    const id = anId(second as FakeGate, 1);
    expect(await fakeCluster(gates).locate(id)).toMatchObject({
      node: {id: 'Gate@b'},
      session: {sessionId: id},
    });
  });

  test('asks only the named gate', async () => {
    const gates = [gateWith('Gate@a', 1), gateWith('Gate@b', 1)];
    const [first, second] = gates as [FakeGate, FakeGate];
    await fakeCluster(gates).locate(`Gate@b/${anId(second)}`);
    expect(first.calls).toEqual([]);
    expect(await failureOf(fakeCluster(gates).locate(`Gate@x/${anId(second)}`))).toBeInstanceOf(
      NegativeError,
    );
  });

  test('B10: reports "not found" only if all gates answered', async () => {
    const gates = [gateWith('Gate@a', 1), gateWith('Gate@b', 1)];
    expect(await failureOf(fakeCluster(gates).locate('ffffffffffffffff'))).toBeInstanceOf(NegativeError);
    silence(gates[1] as FakeGate);
    expect(await failureOf(fakeCluster(gates).locate('ffffffffffffffff'))).toBeInstanceOf(PartialError);
  });

  test('accepts an unambiguous prefix where it is allowed', async () => {
    const gate = new FakeGate('Gate@a', [
      aRow({sessionId: 'abcdef1110000000'}),
      aRow({sessionId: 'abcdef2220000000'}),
    ]);
    const cluster = fakeCluster([gate]);
    expect(await cluster.locate('abcdef1', {allowPrefix: true})).toMatchObject({
      session: {sessionId: 'abcdef1110000000'},
    });
    expect(await failureOf(cluster.locate('abcdef', {allowPrefix: true}))).toBeInstanceOf(UsageError);
    expect(await failureOf(cluster.locate('abcdef1'))).toBeInstanceOf(NegativeError);
  });
});

describe('acting on one session', () => {
  const one = (): [GateCluster, FakeGate, string] => {
    const gate = gateWith('Gate@a', 1);
    return [fakeCluster([gate]) as GateCluster, gate, anId(gate)];
  };

  test('returns the session before and after a change', async () => {
    const [cluster, , id] = one();
    expect(await cluster.bind(id, 'neo')).toMatchObject({before: {userId: ''}, after: {userId: 'neo'}});
    const set = await cluster.setSettings(id, stringBag([['a', '1']]));
    expect(set).toMatchObject({before: {settings: {}}, after: {settings: {a: '1'}}});
  });

  test('B12: reports an unanswered write as unknown with a way to check it, and does not repeat it', async () => {
    const [cluster, gate, id] = one();
    gate.before = (fn) => {
      if (fn !== 'Bind') return;
      const cause = new CallError({reason: 'timeout', node: gate.nodeId, fn}, 'too late');
      throw new OutcomeUnknownError('Bind was sent', {cause});
    };
    const error = await failureOf(cluster.bind(id, 'neo'));
    expect(error).toBeInstanceOf(OutcomeUnknownError);
    expect((error as OutcomeUnknownError).hint).toContain(`gatectl sessions get Gate@a/${id}`);
    expect(gate.calls.filter((fn) => fn === 'Bind')).toHaveLength(1);
  });

  test('reports a session that closed before the write as gone', async () => {
    const [cluster, gate, id] = one();
    gate.before = (fn) => {
      if (fn === 'Bind') throw new NoSessionError(id);
    };
    const error = await failureOf(cluster.bind(id, 'neo'));
    expect(error).toBeInstanceOf(NegativeError);
    expect(String(error)).toContain('is gone from Gate@a');
  });

  test('B13: waits until a kicked session is gone, and reports "closing" after the timeout', async () => {
    const [cluster, , id] = one();
    expect(await cluster.kick(id, {waitMs: 1000})).toMatchObject({state: 'closed'});
    const [slow, gate, other] = one();
    gate.close = async () => {};
    expect(await slow.kick(other, {waitMs: 1000})).toMatchObject({state: 'closing'});
    expect(gate.rows.has(other)).toBe(true);
  });
});

describe('asking all gates at once', () => {
  test('returns one outcome per expected gate, with a reason for each failure', async () => {
    const gates = [gateWith('Gate@a', 2), gateWith('Gate@b', 1), gateWith('Gate@c', 1)];
    silence(gates[1] as FakeGate);
    (gates[2] as FakeGate).stock = true;
    const {expected, results, outcomes} = await fakeCluster(gates).each((gate) => gate.count());
    expect(expected.map(({id}) => id)).toEqual(['Gate@a', 'Gate@b', 'Gate@c']);
    expect([...results.keys()]).toEqual(['Gate@a']);
    expect(outcomes.map(({reason}) => reason)).toEqual([undefined, 'timeout', 'unsupported']);
  });

  test('rethrows errors that did not come from a gate', async () => {
    const gates = [gateWith('Gate@a', 1)];
    const bug = new TypeError('x is not a function');
    await expect(fakeCluster(gates).each(() => Promise.reject(bug))).rejects.toBe(bug);
  });
});

describe('a sample', () => {
  test('is read from a gate that cannot sort, up to the given size, and the gate is reported', async () => {
    const [large, small] = [gateWith('Gate@a', 1000), gateWith('Gate@b', 50)];
    const listing = await fakeCluster([large, small]).list({
      order: parseSessionOrder('received'),
      limit: 1000,
      sample: 200,
    });
    expect(await idsOf(listing.rows)).toHaveLength(250);
    expect(listing.sampled?.()).toEqual(['Gate@a']);
    expect(large.calls).toHaveLength(2);
  });

  test('is not used for a gate that filters and sorts', async () => {
    const listing = await fakeCluster([gateWith('Gate@a', 1000)]).list({sample: 200});
    expect(await idsOf(listing.rows)).toHaveLength(1000);
    expect(listing.sampled?.()).toEqual([]);
  });
});

describe('the set of gates', () => {
  test('is looked up again if the registry had none at first', async () => {
    const cluster = fakeCluster([]);
    await expect(cluster.gates()).rejects.toBeInstanceOf(UnreachableError);
    await expect(cluster.gates()).rejects.toBeInstanceOf(UnreachableError);
    expect(await fakeCluster([gateWith('Gate@a', 0)]).refreshGates()).toMatchObject([{id: 'Gate@a'}]);
  });
});

describe('records', () => {
  const record = (uid: string, value = Buffer.from([])) => ({uid, value, revision: '1', expiresAt: 0});

  test('are listed once if gates share a store', async () => {
    const gates = [gateWith('Gate@a', 0), gateWith('Gate@b', 0)];
    for (const gate of gates) for (const uid of ['u1', 'u2']) gate.records.set(uid, record(uid));
    const uids: string[] = [];
    for await (const {uid} of (await fakeCluster(gates).records.list()).rows) uids.push(uid);
    expect(uids.sort()).toEqual(['u1', 'u2']);
  });

  test('are listed as undecodable if their bytes are not a session', async () => {
    const gate = gateWith('Gate@a', 0);
    gate.records.set('u', record('u', Buffer.from([0xff, 0xff])));
    expect(await fakeCluster([gate]).records.get('u')).toMatchObject({
      session: undefined,
      undecodable: expect.any(String),
    });
  });

  test('"none" needs every gate\'s answer; a deletion that nobody did is never claimed', async () => {
    const gates = [gateWith('Gate@a', 0), gateWith('Gate@b', 0)];
    const cluster = fakeCluster(gates);
    expect(await failureOf(cluster.records.get('u'))).toBeInstanceOf(NegativeError);
    expect(await failureOf(cluster.records.delete('u'))).toBeInstanceOf(NegativeError);
    silence(gates[1] as FakeGate);
    expect(await failureOf(fakeCluster(gates).records.get('u'))).toBeInstanceOf(PartialError);
    expect(await failureOf(fakeCluster(gates).records.delete('u'))).toBeInstanceOf(PartialError);
    gates[0]?.records.set('u', record('u'));
    expect(await fakeCluster(gates).records.delete('u')).toMatchObject({deletedBy: ['Gate@a']});
  });

  test('are not written with another revision than the stored one', async () => {
    const gate = gateWith('Gate@a', 0);
    gate.records.set('u', record('u'));
    expect(await failureOf(fakeCluster([gate]).records.delete('u', '7'))).toBeInstanceOf(ConflictError);
    expect(gate.records.has('u')).toBe(true);
  });
});

test('pages of very many gates are small enough to be in flight at once', async () => {
  const gates = Array.from({length: 100}, (_, at) => gateWith(`Gate@${String(at).padStart(3, '0')}`, 600));
  const asked: (number | undefined)[] = [];
  for (const gate of gates) {
    const list = gate.list.bind(gate);
    gate.list = (query) => {
      asked.push(query.limit);
      return list(query);
    };
  }
  const listing = await fakeCluster(gates).list();
  expect((await idsOf(listing.rows)).length).toBe(60_000);
  expect(new Set(asked)).toEqual(new Set([500]));
  expect(listing.outcomes().every(({status}) => status === 'ok')).toBe(true);
});
