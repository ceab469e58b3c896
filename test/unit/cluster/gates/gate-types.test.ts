import {expect, test} from 'vitest';
import {isNamedLikeGate} from '../../../../src/cluster/gates/gate-types.js';

test.each(['Gate', 'gate', 'SV_Gate', 'game-gate', 'GameGate', 'Gate01', 'Gateway', 'ws.gate'])(
  '%s is named like a gate',
  (type) => expect(isNamedLikeGate(type)).toBe(true),
);

// mqant's own HTTP gateway is `httpgate`, and crashes on an unknown function
test.each([
  'httpgate',
  'HttpGate',
  'Http_Gate',
  'ApiGateway',
  'web-gate',
  'SV_Http',
  'Delegate',
  'gatekeeper',
  'Gate_Log',
  '',
])('%j is not a gate type', (type) => expect(isNamedLikeGate(type)).toBe(false));
