import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {NegativeError} from '../../../src/base/errors.js';
import type {Cluster} from '../../../src/cluster/cluster.js';
import {openCluster} from '../../../src/cluster/gates/open-cluster.js';
import {type SimulatedClients, startSimulatedClients} from '../../../src/dev/clients/simulated-clients.js';
import {type DevProcess, startDev} from '../../support/dev-process.js';
import {until} from '../../support/poll.js';

/** What stands behind one of a list; undefined where that one is not in it yet. */
const afterIn = (list: readonly string[], one: string): string | undefined =>
  list.includes(one) ? list[list.indexOf(one) + 1] : undefined;

const portOf = (url: string): number => Number(new URL(url).port);
const size = 12;

describe('disconnected demo players', () => {
  const stop = new AbortController();
  /** Sessions that a uid was bound to, in their order. */
  const bound = new Map<string, string[]>();
  /** Why each closed session ended. */
  const closed = new Map<string, string>();
  let dev: DevProcess;
  let cluster: Cluster;
  let crowd: SimulatedClients;

  beforeAll(async () => {
    dev = await startDev('--embedded-bus', '--gates', '2');
    const [server = ''] = /nats:\/\/127\.0\.0\.1:\d+/.exec(dev.said()) ?? [];
    cluster = await openCluster({server, registry: 'nats://', gateType: 'Gate', timeoutMs: 2000});
    let watching = 0;
    void (async () => {
      for await (const told of cluster.watch({signal: stop.signal})) {
        if (told.type === 'gate' && told.state === 'watching') watching += 1;
        if (told.type !== 'event') continue;
        const {userId, sessionId} = told.event.session;
        if (told.event.kind === 'closed') closed.set(sessionId, told.event.why);
        if (told.event.kind !== 'bound') continue;
        bound.set(userId, [...(bound.get(userId) ?? []), sessionId]);
      }
    })().catch(() => {}); // ends with the test
    await until(() => watching === 2, {what: 'both gates to be watched'});
    const gates = dev.gates.map(({tcp, ws}) => ({tcpPort: portOf(tcp), wsPort: portOf(ws)}));
    crowd = await startSimulatedClients({
      count: size,
      seed: 7,
      gates: () => gates,
      paceMs: 20,
      signal: stop.signal,
    });
  });

  afterAll(async () => {
    await crowd?.leave();
    stop.abort();
    await cluster?.close();
    await dev?.[Symbol.asyncDispose]();
  });

  /** Kicks players until the kick closes a session. A player who leaves at that moment does not come back. */
  async function kickSomebody(): Promise<{readonly uid: string; readonly id: string}> {
    return await until(
      async () => {
        const listing = await cluster.list();
        for await (const {node, session} of listing.rows) {
          if (session.userId === '') continue;
          try {
            const {state} = await cluster.kick(`${node}/${session.sessionId}`, {waitMs: 2000});
            if (state !== 'closed') continue;
            const id = session.sessionId;
            const why = await until(() => closed.get(id), {what: `the end of ${id} to be reported`});
            if (why === 'kicked') return {uid: session.userId, id};
          } catch (error) {
            if (!(error instanceof NegativeError)) throw error;
          }
        }
        return undefined;
      },
      {what: 'a player to be kicked'},
    );
  }

  test('reconnect with a new session, and their number is restored', async () => {
    for (let round = 0; round < 3; round += 1) {
      const {uid, id} = await kickSomebody();
      // his first bind may be told only after the kick: what comes after it is his return
      const back = await until(() => afterIn(bound.get(uid) ?? [], id), {
        what: `${uid} to come back`,
      });
      expect(back).not.toBe(id);
    }
    await until(() => crowd.size === size, {what: 'the crowd to be whole'});
    expect(crowd.tally.disconnects).toBeGreaterThanOrEqual(3);
  });
});
