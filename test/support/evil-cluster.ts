import {connectBus} from '../../src/bus/connect/connect-bus.js';
import {gateCallHandler} from '../../src/bus/gate/gate-server.js';
import {Responder} from '../../src/bus/rpc/responder.js';
import {NatsDiscovery} from '../../src/registry/nats/nats-discovery.js';
import {encodeSession} from '../../src/session/codec/session-protobuf.js';
import {evilConnection, evilSession, evilText} from './evil.js';
import {aRow, aSession, FakeGate} from './fake-gate.js';
import {aNode} from './fake-registry.js';
import {startBus} from './nats.js';

/** A cluster on a real bus, all of whose texts that somebody else can choose would take a terminal over. */
export interface EvilCluster extends AsyncDisposable {
  readonly url: string;
  readonly gate: FakeGate;
  readonly sessionId: string;
  readonly uid: string;
}

export async function startEvilCluster(): Promise<EvilCluster> {
  const server = await startBus();
  const bus = await connectBus({server: server.url, timeoutMs: 5000, reconnect: true});
  const discovery = new NatsDiscovery({bus});
  const sessionId = 'f00dfeedf00dfeed';
  const evil = evilSession(sessionId, 'Gate@evil');
  const uid = evil.userId ?? '';
  const gate = new FakeGate('Gate@evil', [
    aRow(evil, {connectionState: evilConnection}),
    aRow({userId: 'plain'}),
    aRow({settings: evil.settings ?? {}}),
  ]);
  gate.now = Date.now;
  gate.publish = (subject, bytes) => bus.publish(subject, bytes);
  const value = encodeSession(aSession(evil));
  gate.records.set(uid, {uid, value, revision: `1${evilText}`, expiresAt: 0});
  gate.records.set('broken', {uid: 'broken', value: Buffer.from(evilText), revision: '1', expiresAt: 0});
  const node = aNode(gate.nodeId, {
    subjectPerFunction: false,
    version: `1${evilText}`,
    metadata: {hostname: `host${evilText}`, pid: evilText},
  });
  new Responder({bus, address: node.address, serve: gateCallHandler({gate, pages: gate, type: 'Gate'})});
  await discovery.register(node);
  await bus.flush();
  return {
    url: server.url,
    gate,
    sessionId,
    uid,
    async [Symbol.asyncDispose]() {
      await discovery.close();
      await bus.close();
      await server[Symbol.asyncDispose]();
    },
  };
}
