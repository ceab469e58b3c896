import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {ConflictError} from '../../../src/base/errors.js';
import type {Cluster} from '../../../src/cluster/cluster.js';
import {openCluster} from '../../../src/cluster/gates/open-cluster.js';
import {planBind} from '../../../src/cluster/write/bind-plan.js';
import {type DuplicateUidPolicy, executeBind} from '../../../src/cluster/write/execute-bind.js';
import {GateProcess} from '../../support/gate-process.js';
import {MqttClients} from '../../support/mqtt-clients.js';
import {untilAcquainted} from '../../support/named-by.js';
import {startBus, type TestBus} from '../../support/nats.js';
import {until} from '../../support/poll.js';

/** 200 rounds are asked for by hand with GATECTL_RACES; a run of all tests does with fewer. */
const rounds = Number(process.env['GATECTL_RACES'] ?? 20);

describe('D15: two concurrent binds of one uid to sessions on two gates', () => {
  let bus: TestBus;
  let gates: readonly GateProcess[];
  let operators: readonly Cluster[];
  const clients = new MqttClients();

  beforeAll(async () => {
    bus = await startBus();
    gates = await Promise.all(['race1', 'race2'].map((id) => GateProcess.start(id, bus.url)));
    await untilAcquainted(bus.url, ...gates.map(({nodeId}) => nodeId));
    operators = await Promise.all(
      [1, 2].map(() =>
        openCluster({
          server: bus.url,
          registry: 'nats://',
          gateType: 'Gate',
          timeoutMs: 5000,
          reconnect: true,
        }),
      ),
    );
  });
  afterAll(async () => {
    await clients[Symbol.asyncDispose]();
    for (const one of operators ?? []) await one.close();
    for (const gate of gates ?? []) await gate[Symbol.asyncDispose]();
    await bus?.[Symbol.asyncDispose]();
  });

  /** The guest of each gate; a client that was closed comes again. */
  const guests = (): Promise<readonly string[]> =>
    Promise.all(
      gates.map(async (gate) => {
        const one = await guestOn(gate);
        if (one !== undefined) return one;
        await clients.open(gate.tcp);
        return await until(() => guestOn(gate), {what: `a guest on ${gate.nodeId}`});
      }),
    );
  async function guestOn({nodeId}: GateProcess): Promise<string | undefined> {
    for await (const {session} of (await operators[0]?.list({gates: [nodeId]}))?.rows ?? [])
      if (session.userId === '') return `${nodeId}/${session.sessionId}`;
    return undefined;
  }

  async function race(uid: string, duplicate: DuplicateUidPolicy) {
    const references = await guests();
    const bind = async (cluster: Cluster, reference: string): Promise<string> => {
      const plan = await planBind(cluster, reference, {uid});
      return (await executeBind(cluster, plan, {duplicate})).after.sessionId;
    };
    const results = await Promise.allSettled(operators.map((one, at) => bind(one, references[at] ?? '')));
    const found = await operators[0]?.find(uid);
    const bound = [...(found?.results.values() ?? [])].flat().map(({session}) => session.sessionId);
    const alive = await Promise.all(references.map((one) => isAlive(one)));
    for (const [at, reference] of references.entries())
      if (alive[at] === true) await operators[0]?.unbind(reference);
    return {results, bound, alive: alive.filter(Boolean).length};
  }
  const isAlive = async (reference: string): Promise<boolean> =>
    (await operators[0]?.locate(reference).catch(() => undefined)) !== undefined;

  test('refuse: exactly one succeeds; the other fails and its session is unchanged', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const {results, bound, alive} = await race(`refuse ${round}`, 'refuse');
      const won = results.filter(({status}) => status === 'fulfilled');
      const lost = results.filter((one) => one.status === 'rejected').map(({reason}) => reason);
      expect({won: won.length, bound: bound.length, alive}, String(lost)).toEqual({
        won: 1,
        bound: 1,
        alive: 2,
      });
      expect(lost[0]).toBeInstanceOf(ConflictError);
    }
  }, 120_000);

  test('takeover: exactly one stays bound, and the other is closed', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const {results, bound, alive} = await race(`takeover ${round}`, 'takeover');
      const last = results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      expect({bound: bound.length, alive}, JSON.stringify(results)).toEqual({bound: 1, alive: 1});
      expect(last).toContain(bound[0]);
    }
  }, 240_000);

  test('allow: both are bound and found', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const {results, bound} = await race(`allow ${round}`, 'allow');
      expect(results.map(({status}) => status)).toEqual(['fulfilled', 'fulfilled']);
      expect(bound).toHaveLength(2);
    }
  }, 120_000);
});
