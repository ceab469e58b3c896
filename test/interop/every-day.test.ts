import {expect, test} from 'vitest';
import {isCompiled} from '../support/go-program.js';
import {MqantCluster, mqantProgram, untilServing} from '../support/mqant.js';
import {MqttClients} from '../support/mqtt-clients.js';
import {spawnGatectl} from '../support/run-cli.js';
import {findProgram} from '../support/servers.js';
import {sessionIdOf} from '../support/test-gate.js';
import {isThorough} from '../support/tiers.js';

const servers = ['go', 'nats-server', 'etcd'];

/** Compiling mqant for the first time takes a minute of two processors, which only a thorough run spends. */
const canRun = servers.every(findProgram) && isCompiled(mqantProgram('v1.5.3'));

test.skipIf(!isThorough && !canRun)(
  'finds, changes and kicks a session of a stock mqant gate in Go',
  async () => {
    await using cluster = await MqantCluster.start();
    const [gate] = await Promise.all([cluster.startGate('stock'), cluster.startModule('go')]);
    await untilServing(gate.tcp, 'HelloWorld@go');
    await using clients = new MqttClients();
    const client = await clients.open(gate.tcp);
    const id = await sessionIdOf(client);
    const run = (...line: readonly string[]) => spawnGatectl([...line, ...cluster.flags]);

    expect(await run('gates', 'list', '-o', 'ids')).toMatchObject({code: 0, out: 'Gate@stock\n'});
    expect(await run('settings', 'set', id, 'room=lobby')).toMatchObject({code: 0});
    expect(await run('settings', 'get', id, 'room')).toMatchObject({
      code: 0,
      out: expect.stringContaining('lobby'),
    });
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
    expect(await run('sessions', 'kick', id, '--yes')).toMatchObject({code: 0});
    await closed;
  },
  60_000,
);
