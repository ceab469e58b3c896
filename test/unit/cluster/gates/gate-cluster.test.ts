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
import {parseOrder} from '../../../../src/selector/order.js';
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
  test('B01: every session once, and an outcome for every gate', async () => {
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

  test('B05: a gate that fails after two pages: its rows stay, and it is marked failed', async () => {
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

  test('a limit takes so many rows and asks for no page that nobody reads', async () => {
    const gates = [gateWith('Gate@a', 1000), gateWith('Gate@b', 1000)];
    const listing = await fakeCluster(gates).list({limit: 150});
    expect(await idsOf(listing.rows)).toHaveLength(150);
    expect(gates.flatMap(({calls}) => calls).length).toBeLessThanOrEqual(5);
  });

  test('a gate that gives the same cursor for ever is stopped', async () => {
    const gate = gateWith('Gate@a', 5);
    gate.list = async () => ({rows: [...gate.rows.values()], next: 'again'});
    const listing = await fakeCluster([gate]).list();
    expect(await idsOf(listing.rows)).toHaveLength(5);
    expect(listing.outcomes()).toMatchObject([{status: 'failed', reason: 'bad-reply'}]);
  });
});

describe('finding one session', () => {
  test('asks all gates, and is answered by the one that has it though another is silent', async () => {
    const gates = [gateWith('Gate@a', 3), gateWith('Gate@b', 3), gateWith('Gate@c', 3)];
    const [, second, third] = gates;
    silence(third as FakeGate);
    const id = anId(second as FakeGate, 1);
    expect(await fakeCluster(gates).locate(id)).toMatchObject({
      node: {id: 'Gate@b'},
      session: {sessionId: id},
    });
  });

  test('asks one gate alone when it is named', async () => {
    const gates = [gateWith('Gate@a', 1), gateWith('Gate@b', 1)];
    const [first, second] = gates as [FakeGate, FakeGate];
    await fakeCluster(gates).locate(`Gate@b/${anId(second)}`);
    expect(first.calls).toEqual([]);
    expect(await failureOf(fakeCluster(gates).locate(`Gate@x/${anId(second)}`))).toBeInstanceOf(
      NegativeError,
    );
  });

  test('B10: says "no" only when all gates answered', async () => {
    const gates = [gateWith('Gate@a', 1), gateWith('Gate@b', 1)];
    expect(await failureOf(fakeCluster(gates).locate('ffffffffffffffff'))).toBeInstanceOf(NegativeError);
    silence(gates[1] as FakeGate);
    expect(await failureOf(fakeCluster(gates).locate('ffffffffffffffff'))).toBeInstanceOf(PartialError);
  });

  test('takes a prefix where it is allowed and only when it is the only one', async () => {
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

  test('a change tells how it was and how it is', async () => {
    const [cluster, , id] = one();
    expect(await cluster.bind(id, 'neo')).toMatchObject({before: {userId: ''}, after: {userId: 'neo'}});
    const set = await cluster.setSettings(id, stringBag([['a', '1']]));
    expect(set).toMatchObject({before: {settings: {}}, after: {settings: {a: '1'}}});
  });

  test('B12: a write whose answer does not come is unknown, is not sent again, and says how to find out', async () => {
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

  test('a session that went between looking and writing is gone', async () => {
    const [cluster, gate, id] = one();
    gate.before = (fn) => {
      if (fn === 'Bind') throw new NoSessionError(id);
    };
    const error = await failureOf(cluster.bind(id, 'neo'));
    expect(error).toBeInstanceOf(NegativeError);
    expect(String(error)).toContain('is gone from Gate@a');
  });

  test('B13: a kick waits until the session is gone, and says "closing" when it is not in time', async () => {
    const [cluster, , id] = one();
    expect(await cluster.kick(id, {waitMs: 1000})).toMatchObject({state: 'closed'});
    const [slow, gate, other] = one();
    gate.close = async () => {};
    expect(await slow.kick(other, {waitMs: 1000})).toMatchObject({state: 'closing'});
    expect(gate.rows.has(other)).toBe(true);
  });
});

describe('asking all gates at once', () => {
  test('expected = answered + failed, each with its reason', async () => {
    const gates = [gateWith('Gate@a', 2), gateWith('Gate@b', 1), gateWith('Gate@c', 1)];
    silence(gates[1] as FakeGate);
    (gates[2] as FakeGate).stock = true;
    const {expected, results, outcomes} = await fakeCluster(gates).each((gate) => gate.count());
    expect(expected.map(({id}) => id)).toEqual(['Gate@a', 'Gate@b', 'Gate@c']);
    expect([...results.keys()]).toEqual(['Gate@a']);
    expect(outcomes.map(({reason}) => reason)).toEqual([undefined, 'timeout', 'unsupported']);
  });

  test('a bug is not taken for a gate that failed', async () => {
    const gates = [gateWith('Gate@a', 1)];
    const bug = new TypeError('x is not a function');
    await expect(fakeCluster(gates).each(() => Promise.reject(bug))).rejects.toBe(bug);
  });
});

describe('a sample', () => {
  test('of a gate that leaves the order to us no more is read than asked for, and it is named', async () => {
    const [large, small] = [gateWith('Gate@a', 1000), gateWith('Gate@b', 50)];
    const listing = await fakeCluster([large, small]).list({
      order: parseOrder('received'),
      limit: 1000,
      sample: 200,
    });
    expect(await idsOf(listing.rows)).toHaveLength(250);
    expect(listing.sampled?.()).toEqual(['Gate@a']);
    expect(large.calls).toHaveLength(2);
  });

  test('a gate that has done what was asked is never sampled', async () => {
    const listing = await fakeCluster([gateWith('Gate@a', 1000)]).list({sample: 200});
    expect(await idsOf(listing.rows)).toHaveLength(1000);
    expect(listing.sampled?.()).toEqual([]);
  });
});

describe('the set of gates', () => {
  test('is looked at again where a registry had none at first', async () => {
    const cluster = fakeCluster([]);
    await expect(cluster.gates()).rejects.toBeInstanceOf(UnreachableError);
    await expect(cluster.gates()).rejects.toBeInstanceOf(UnreachableError);
    expect(await fakeCluster([gateWith('Gate@a', 0)]).lookAgain()).toMatchObject([{id: 'Gate@a'}]);
  });
});

describe('records', () => {
  const record = (uid: string, value = Buffer.from([])) => ({uid, value, revision: '1', expiresAt: 0});

  test('gates that share a store list each uid once', async () => {
    const gates = [gateWith('Gate@a', 0), gateWith('Gate@b', 0)];
    for (const gate of gates) for (const uid of ['u1', 'u2']) gate.records.set(uid, record(uid));
    const uids: string[] = [];
    for await (const {uid} of (await fakeCluster(gates).records.list()).rows) uids.push(uid);
    expect(uids.sort()).toEqual(['u1', 'u2']);
  });

  test('one whose bytes are no session is shown as such', async () => {
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

  test('a revision that is not the stored one is a conflict', async () => {
    const gate = gateWith('Gate@a', 0);
    gate.records.set('u', record('u'));
    expect(await failureOf(fakeCluster([gate]).records.delete('u', '7'))).toBeInstanceOf(ConflictError);
    expect(gate.records.has('u')).toBe(true);
  });
});

test('pages of very many gates are small enough for all to be on their way at once', async () => {
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
