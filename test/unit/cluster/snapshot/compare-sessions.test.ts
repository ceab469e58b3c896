import {describe, expect, test} from 'vitest';
import type {LocatedRow} from '../../../../src/cluster/cluster.js';
import {SessionComparison, type SessionSide} from '../../../../src/cluster/snapshot/compare-sessions.js';
import {StringHashMap} from '../../../../src/cluster/snapshot/string-hash-map.js';
import {newSession} from '../../../../src/session/session.js';

const row = (sessionId: string, userId: string, node = 'Gate@a'): LocatedRow => ({
  ...{node, connectedAt: 1, lastActiveAt: 1, received: 0, sent: 0},
  session: newSession({sessionId, userId, serverId: node}),
});

function side(count: number, rowAt: (at: number) => LocatedRow): SessionSide {
  return {
    incomplete: new Set(),
    rows: async function* () {
      for (let at = 0; at < count; at += 1) yield rowAt(at);
    },
  };
}

async function kindsOf(comparison: SessionComparison): Promise<Record<string, number>> {
  const kinds: Record<string, number> = {};
  for await (const {kind} of comparison.changes()) kinds[kind] = (kinds[kind] ?? 0) + 1;
  return kinds;
}

describe('comparing listings', () => {
  test('reports more changes than it holds, each once', async () => {
    const before = side(1000, (at) => row(`s${at}`, `u${at}`));
    const after = side(1000, (at) => row(`s${at}`, `v${at}`));
    const comparison = new SessionComparison(before, after, 64);
    expect(await kindsOf(comparison)).toEqual({rebound: 1000});
    expect(comparison.counts).toMatchObject({rebound: 1000, sessionsBefore: 1000, sessionsAfter: 1000});
  });

  test('reports that everyone reconnected', async () => {
    const comparison = new SessionComparison(
      side(500, (at) => row(`s${at}`, `u${at}`)),
      side(500, (at) => row(`t${at}`, `u${at}`, at % 2 === 0 ? 'Gate@a' : 'Gate@b')),
    );
    expect(await kindsOf(comparison)).toEqual({moved: 250, reconnected: 250});
  });

  test("replaces one of two ended sessions by a user's new session", async () => {
    const comparison = new SessionComparison(
      side(2, (at) => row(`s${at}`, 'u')),
      side(1, () => row('t', 'u')),
    );
    expect(await kindsOf(comparison)).toEqual({reconnected: 1, left: 1});
  });

  test('accepts an empty listing on either side', async () => {
    const some = side(3, (at) => row(`s${at}`, ''));
    const none = side(0, () => row('', ''));
    expect(await kindsOf(new SessionComparison(none, some))).toEqual({joined: 3});
    expect(await kindsOf(new SessionComparison(some, none))).toEqual({left: 3});
  });

  test('keeps values and marks while a table grows', () => {
    const table = new StringHashMap();
    for (let at = 0; at < 20_000; at += 1) {
      table.set(`k${at}`, at);
      if (at % 3 === 0) table.mark(`k${at}`);
    }
    expect([table.size, table.get('k19999'), table.get('none')]).toEqual([20_000, 19_999, undefined]);
    expect([table.isMarked('k3'), table.isMarked('k4'), table.mark('k3')]).toEqual([true, false, false]);
  });
});
