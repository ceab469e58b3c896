import type {Bus} from '../../../src/bus/bus.js';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import type {GateApi} from '../../../src/session/gate-api.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {gateClientOn} from '../../support/gate-caller.js';
import {type ContractClient, type ContractGate, gateContract} from '../../support/gate-contract.js';
import {startBus, startEmbedded, type TestBus} from '../../support/nats.js';
import {until} from '../../support/poll.js';
import {closed, nextMessage, sessionIdOf, startTestGate} from '../../support/test-gate.js';

gateContract('the fake of the tests', async () => {
  const gate = new FakeGate('Gate@fake');
  return {
    gate,
    async join() {
      if (gate.state === 'draining') throw new Error('refused');
      const connected = aRow({serverId: gate.nodeId}, {connectionState: {waitingBytes: 0}});
      const {sessionId} = gate.add(connected).session;
      return fakeClient(gate, sessionId);
    },
    async [Symbol.asyncDispose]() {},
  };
});

function fakeClient(gate: FakeGate, sessionId: string): ContractClient {
  return {
    sessionId,
    next: async (topic) => {
      const isIt = (message: {sessionId: string; topic: string}) =>
        message.sessionId === sessionId && message.topic === topic;
      return (await until(() => gate.sent.find(isIt))).body;
    },
    closed: () => until(() => !gate.rows.has(sessionId)),
  };
}

gateContract('the gate itself', () => openGate((_bus, api) => api));

gateContract('the client, over a bus in memory', () => openGate((bus, api) => gateClientOn(bus, api.nodeId)));

for (const [name, start] of [
  ['NATS', startBus],
  ['the embedded bus', startEmbedded],
] as const) {
  gateContract(`the client, over ${name}`, async () => {
    const server = await start();
    const bus = await connectBus({server: server.url, timeoutMs: 5000, reconnect: true});
    const world = await openGate((_bus, api) => gateClientOn(bus, api.nodeId), {bus, server});
    return world;
  });
}

async function openGate(
  gateOf: (bus: Bus, api: GateApi) => GateApi,
  real?: {readonly bus: Bus; readonly server: TestBus},
): Promise<ContractGate> {
  const test = await startTestGate(real === undefined ? {} : {bus: real.bus});
  return {
    gate: gateOf(test.bus, test.gate.api),
    listen(subject, handler) {
      (real?.bus ?? test.bus).subscribe(subject, ({data}) => handler(data));
    },
    async join() {
      const client = await test.client();
      return {
        sessionId: await sessionIdOf(client),
        next: async (topic) => (await nextMessage(client, topic)).toString(),
        closed: () => closed(client),
      };
    },
    async [Symbol.asyncDispose]() {
      await test[Symbol.asyncDispose]();
      await real?.bus.close();
      await real?.server[Symbol.asyncDispose]();
    },
  };
}
