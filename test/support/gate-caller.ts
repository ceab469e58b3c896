import type {Bus} from '../../src/bus/bus.js';
import {GateClient} from '../../src/bus/gate/gate-client.js';
import {Caller} from '../../src/bus/rpc/caller.js';

/** Calls one of our gates over a bus. */
export function gateClientOn(bus: Bus, nodeId: string, timeoutMs = 5000): GateClient {
  const caller = new Caller(bus, {caller: 'test', hostname: 'test', timeoutMs});
  const [type, id] = nodeId.split('@');
  const target = {node: nodeId, address: `mqant.gate.${type}.${id}`, subjectPerFunction: true};
  return new GateClient({caller, target, maxPayloadBytes: bus.maxPayloadBytes});
}
