import {expect, test} from 'vitest';
import {MqantCluster} from '../support/mqant.js';
import {MqttClients} from '../support/mqtt-clients.js';
import {natsVersions} from '../support/nats-versions.js';
import {
  type Attacked,
  attack,
  attackedConfiguration,
  attackers,
  Watchtower,
} from '../support/reply-attack.js';
import {describeWith} from '../support/servers.js';

describeWith(
  'go',
  'nats-server',
  'etcd',
)('reply subjects of an mqant gate with the add-on', () => {
  test.each(natsVersions())(
    'A1: refuses replies outside the inboxes for every role: nats-server $version',
    async ({program}) => {
      const conf = attackedConfiguration();
      await using cluster = await MqantCluster.start({
        ...{records: 'memory', nats: {conf, user: 'free:p', program}},
      });
      const tower = await Watchtower.build(cluster.nats);
      const gate = await cluster.startGate('a', {addon: true});
      gate.mayLog(/./); // of the fair calls to unknown functions
      const [node] = await cluster.openRegistry().nodes('Gate');
      const address = node?.address ?? '';
      const attacked: Attacked = {
        subjects: [address],
        questions: [
          '$SRV.PING',
          '$SRV.INFO',
          '$SRV.STATS',
          '$SRV.INFO.mqant-Gate',
          '$SRV.STATS.mqant-Gate.a',
        ],
        alive: {subject: address, fn: 'GatectlInfo'},
      };
      for (const user of attackers) await attack(cluster.nats, user, onlyWhere(user, attacked));
      await using clients = new MqttClients();
      await clients.open(gate.tcp); // an event for every feed
      await attack(cluster.nats, 'free', attacked);
      expect(await tower.report()).toEqual({written: [], record: 'the record'});
      await tower.close();
    },
    120_000,
  );
});

/** The roles may ask who is there; the inbox of a mqant gate is not theirs to publish to. */
const onlyWhere = (user: string, attacked: Attacked): Attacked =>
  user === 'free' ? attacked : {...attacked, alive: {subject: '$SRV.INFO', fn: 'none'}};
