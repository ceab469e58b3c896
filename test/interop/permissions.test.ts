import {readFileSync} from 'node:fs';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {MqantCluster, type MqantGate} from '../support/mqant.js';
import {MqttClients} from '../support/mqtt-clients.js';
import {until} from '../support/poll.js';
import {spawnGatectl} from '../support/run-cli.js';
import {describeWith} from '../support/servers.js';

/** The users of docs/mqant.md, and those of the cluster. */
function configuration(): string {
  const [, block = ''] = /^```\n# nats-server: (.*?)^```/ms.exec(readFileSync('docs/mqant.md', 'utf8')) ?? [];
  const mayAll = '{ user: game, password: game },';
  return block
    .slice(block.indexOf('\n'))
    .replace('$OPERATOR_PASSWORD', 'secret')
    .replace('users = [', `users = [ ${mayAll}`);
}

describeWith(
  'go',
  'nats-server',
  'etcd',
)('the permissions that docs/mqant.md gives an operator of mqant gates', () => {
  let cluster: MqantCluster;
  let gate: MqantGate;

  beforeAll(async () => {
    cluster = await MqantCluster.start({
      records: 'memory',
      nats: {conf: configuration(), user: 'game:game'},
    });
    gate = await cluster.startGate('addon', {addon: true});
  }, 300_000);
  afterAll(async () => await cluster?.[Symbol.asyncDispose]());

  const as = (prefix: readonly string[], ...words: readonly string[]) =>
    spawnGatectl([...words, '--user', 'operator', ...prefix, '--server', cluster.nats.url], {
      env: {GATECTL_PASSWORD: 'secret'},
    });
  const operator = ['--inbox-prefix', '_OPERATOR'];

  test.each(['nats://', 'etcd'])('are enough to list, watch and write: %s', async (registry) => {
    await using clients = new MqttClients();
    await clients.open(gate.tcp);
    const where = ['--registry', registry === 'etcd' ? cluster.registryUrl : registry];
    const list = await as(operator, 'sessions', 'list', '-o', 'ids', ...where);
    const [id = ''] = list.out.split('\n');
    expect(list).toMatchObject({code: 0, err: ''});
    expect(await as(operator, 'settings', 'set', id, 'a=b', ...where)).toMatchObject({code: 0});
    let heard = '';
    const watching = spawnGatectl(
      [
        'sessions',
        'watch',
        '--for',
        '3s',
        '--user',
        'operator',
        ...operator,
        '--server',
        cluster.nats.url,
        ...where,
      ],
      {
        env: {GATECTL_PASSWORD: 'secret'},
        onStart: (child) => {
          child.stdout?.on('data', (chunk: Buffer) => {
            heard += chunk.toString();
          });
        },
      },
    );
    await until(async () => {
      await as(operator, 'settings', 'set', id, 'a=c', ...where);
      return heard.includes('settings');
    });
    await watching;
  });

  test('are needed: without the prefix nothing may be heard', async () => {
    const {code} = await as([], 'gates', 'list', '--registry', 'nats://');
    expect(code).toBe(4);
  });
});
