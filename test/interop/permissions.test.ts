import {readFileSync} from 'node:fs';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {MqantCluster, type MqantGate} from '../support/mqant.js';
import {MqttClients} from '../support/mqtt-clients.js';
import {until} from '../support/poll.js';
import {type SpawnOptions, spawnGatectl} from '../support/run-cli.js';
import {describeWith} from '../support/servers.js';

/** The users of docs/operators.md, and those of the cluster. */
function configuration(): string {
  const [, block = ''] =
    /^```\n# nats-server: (.*?)^```/ms.exec(readFileSync('docs/operators.md', 'utf8')) ?? [];
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
)('the permissions in docs/operators.md for operators of mqant gates', () => {
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

  const as = (options: SpawnOptions, ...words: readonly string[]) =>
    spawnGatectl([...words, '--user', 'operator', '--server', cluster.nats.url], {
      env: {GATECTL_PASSWORD: 'secret', GATECTL_TIMEOUT: '20s'},
      ...options,
    });
  const operator = ['--inbox-prefix', '_INBOX_admin'];

  test.each(['nats://', 'etcd'])('suffice to list, watch and write: %s', async (registry) => {
    await using clients = new MqttClients();
    await clients.open(gate.tcp);
    const where = ['--registry', registry === 'etcd' ? cluster.registryUrl : registry];
    const list = await until(
      async () => {
        const listed = await as({}, 'sessions', 'list', '-o', 'ids', ...operator, ...where);
        return listed.code !== 0 || listed.out.split('\n').length === 2 ? listed : undefined;
      },
      {what: 'the client of the test before to be gone'},
    );
    expect(list).toMatchObject({code: 0, err: ''});
    const id = list.out.trim();
    expect(await as({}, 'settings', 'set', id, 'a=b', ...operator, ...where)).toMatchObject({code: 0});
    let heard = '';
    let end = (): void => {};
    const watching = as(
      {
        onStart(child) {
          child.stdout?.on('data', (chunk: Buffer) => {
            heard += chunk.toString();
          });
          end = () => void child.kill('SIGINT');
        },
      },
      ...['sessions', 'watch', '-o', 'jsonl', ...operator, ...where],
    );
    await until(() => heard.includes('"watching"'), {what: 'the watch to begin'});
    expect(await as({}, 'settings', 'set', id, 'a=c', ...operator, ...where)).toMatchObject({code: 0});
    await until(() => heard.includes('"settings"'), {what: 'the change to be heard'});
    end();
    await watching;
  });

  test('are necessary: without the prefix nothing is received', async () => {
    const {code} = await as({}, 'gates', 'list', '--registry', 'nats://');
    expect(code).toBe(4);
  });
});
