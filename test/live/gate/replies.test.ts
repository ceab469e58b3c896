import {expect, test} from 'vitest';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import {startModule} from '../../../src/module/start-module.js';
import {NatsDiscovery} from '../../../src/registry/nats/nats-discovery.js';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {extensionFunctions, stockFunctions} from '../../../src/session/gate-api.js';
import {stringBag} from '../../../src/session/session.js';
import {aSession} from '../../support/fake-gate.js';
import {gateClientOn} from '../../support/gate-caller.js';
import {GateProcess} from '../../support/gate-process.js';
import {MqttClients} from '../../support/mqtt-clients.js';
import {startNats} from '../../support/nats.js';
import {natsVersions} from '../../support/nats-versions.js';
import {
  type Attacked,
  attack,
  attackedConfiguration,
  attackers,
  connectAs,
  Watchtower,
} from '../../support/reply-attack.js';
import {describeWith} from '../../support/servers.js';

const gateAddress = 'mqant.gate.Gate.a';

const gate: Attacked = {
  subjects: [gateAddress, ...[...stockFunctions, ...extensionFunctions].map((fn) => `${gateAddress}.${fn}`)],
  questions: ['$SRV.PING', '$SRV.INFO', '$SRV.STATS', '$SRV.INFO.mqant-Gate', '$SRV.STATS.mqant-Gate.a'],
  alive: {subject: `${gateAddress}.GatectlInfo`, fn: 'GatectlInfo'},
};

const module: Attacked = {
  subjects: ['mqant.module.HelloWorld.h'],
  questions: ['$SRV.PING.mqant-HelloWorld', '$SRV.INFO.mqant-HelloWorld.h'],
  alive: {subject: 'mqant.module.HelloWorld.h', fn: 'nothing'},
};

describeWith('nats-server')('reply subjects of gates and modules', () => {
  test.each(natsVersions())(
    'A1: no role makes a gate or module publish outside the inboxes: nats-server $version',
    async ({program}) => {
      await using nats = await startNats(attackedConfiguration(), program);
      const tower = await Watchtower.build(nats);
      await using process = await GateProcess.start('a', nats.url.replace('://', '://free:p@'));
      await using clients = new MqttClients();
      const bus = await connectBus({
        ...{server: nats.url, user: 'free', password: 'p', timeoutMs: 20_000, reconnect: true},
      });
      const refused: unknown[] = [];
      const running = await startModule({
        ...{type: 'HelloWorld', id: 'h', bus, registry: new NatsDiscovery({bus}), handlers: {}},
        log: (_, error) => refused.push(error),
      });
      for (const user of attackers) await attack(nats, user, gate);
      await clients.open(process.tcp); // an event for every feed
      await attack(nats, 'free', module);
      await attack(nats, 'viewer', gate);
      expect(await tower.report()).toEqual({written: [], record: 'the record'});
      const logged = process.said().match(/refused to answer/g) ?? [];
      expect(logged.length).toBeGreaterThan(0);
      expect(logged.length).toBeLessThan(20); // of thousands
      expect(refused.map(String).join('\n')).toContain('refused to answer');
      await running.close();
      await bus.close();
      await tower.close();
    },
    60_000,
  );

  test.each(natsVersions())(
    'A1: NATS restricts the printed node user to its subjects: nats-server $version',
    async ({program}) => {
      await using nats = await startNats(attackedConfiguration(), program);
      const tower = await Watchtower.build(nats);
      await using _ = await GateProcess.start('a', nats.url.replace('://', '://nodes:p@'));
      const bus = await connectAs(nats, 'nodes');
      const denied: string[] = [];
      bus.onDenied(({subject}) => void denied.push(subject));
      const subjects = ['$KV.sess.u42', '$JS.API.STREAM.PURGE.KV_sess', '$SYS.x', 'any.subject', '_INBOXX.a'];
      for (const subject of subjects) bus.publish(subject, Buffer.from('x'));
      await bus.flush();
      expect(denied.sort()).toEqual(subjects.sort());
      expect(await tower.report()).toEqual({written: [], record: 'the record'});
      await bus.close();
      await tower.close();
    },
    60_000,
  );

  test.each(natsVersions())(
    'A1: a gate with JetStream records runs on the printed permissions: nats-server $version',
    async ({program}) => {
      await using nats = await startNats(attackedConfiguration('sess'), program);
      const store = ['--store', 'jetstream://sess'];
      await using gate = await GateProcess.start('a', nats.url.replace('://', '://nodes:p@'), ...store);
      const bus = await connectAs(nats, 'admin');
      const client = gateClientOn(bus, gate.nodeId, 20_000);
      const record = encodeSession(aSession({userId: 'u1', settings: stringBag([['a', 'b']])}));
      const revision = await client.recordPut('u1', record);
      expect((await client.recordGet('u1'))?.value).toEqual(Buffer.from(record));
      expect((await client.recordList({after: ''})).records).toHaveLength(1);
      expect(await client.recordDelete('u1', revision)).toBe(true);
      await bus.close();
    },
    60_000,
  );
});
