import {describe, expect, test} from 'vitest';
import {parseGateConfig} from '../../../../src/gate/node/gate-config.js';
import type {GateLimits} from '../../../../src/gate/node/gate-options.js';
import {reloadConfig} from '../../../../src/gate/node/reload-config.js';

function reloaded(running: object, fresh: object) {
  const lines: string[] = [];
  const set: Partial<GateLimits>[] = [];
  const gate = {
    setLimits: (limits: Partial<GateLimits>) => {
      set.push(limits);
      return limits.storageTimeoutMs === undefined ? [] : (['storageTimeoutMs'] as const);
    },
  };
  reloadConfig(gate, parseGateConfig(running), parseGateConfig(fresh), (line) => lines.push(line));
  return {lines, set};
}

describe("B4: reloading a gate's config", () => {
  test('applies limits and drain, and resets removed limits to their defaults', () => {
    expect(
      reloaded({limits: {maxSessions: 5}, drainMs: 100}, {limits: {queueBytes: 9}, drainMs: 200}),
    ).toEqual({
      lines: [
        'reload: limits.queueBytes is now 9 (was 1048576)',
        'reload: limits.maxSessions is now 1000000 (was 5)',
        'reload: drainMs is now 200 (was 100)',
      ],
      set: [{queueBytes: 9}],
    });
  });

  test('reports changed keys that need a restart', () => {
    const {lines} = reloaded(
      {tcp: '1', store: 'memory:'},
      {tcp: '2', ws: '3', tls: {cert: 'a', key: 'b'}, sameClientId: 'allow', limits: {storageTimeoutMs: 5}},
    );
    expect(lines.map((line) => /^reload: (\S+) has changed; restart/.exec(line)?.[1])).toEqual([
      'limits.storageTimeoutMs',
      'tcp',
      'ws',
      'tls',
      'store',
      'sameClientId',
    ]);
  });

  test('reports that nothing changed', () =>
    expect(reloaded({tcp: '1'}, {tcp: '1'}).lines).toEqual(['reload: nothing has changed']));
});
