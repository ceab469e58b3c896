import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {openStore} from '../../src/storage/open-store.js';
import {startDev} from '../support/dev-process.js';
import {MqantCluster, untilServing} from '../support/mqant.js';
import {MqttClients} from '../support/mqtt-clients.js';
import {startOurKit} from '../support/our-kit.js';
import {startRedis} from '../support/redis.js';
import {temporaryFolder} from '../support/temp.js';
import {developer, onCall, release, script, stockGate, support} from './jobs.js';
import {Transcript} from './transcript.js';

const header = `# Five jobs

What people who run a cluster do with gatectl, as it was typed and as it was answered. Made by \`npm run walkthrough\`, which
runs the built program: the first three jobs on nats-server, etcd and Redis with two gates of ours, which an unmodified mqant gate
in Go joins, the last two on the embedded cluster. Lines that begin with \`#\` are what others saw.
`;

await using folder = await temporaryFolder('gatectl-walkthrough-');
process.chdir(process.env['GATECTL_ROOT'] ?? process.cwd());
const homes = (name: string) => ({
  XDG_CONFIG_HOME: path.join(folder.path, name, 'config'),
  XDG_STATE_HOME: path.join(folder.path, name, 'state'),
});
const clients = new MqttClients();

async function realServers(): Promise<string> {
  await using redis = await startRedis('--appendonly', 'yes');
  await using cluster = await MqantCluster.start();
  const storage = await openStore(`${redis.url}/0?ttl=24h`);
  await using kit = await startOurKit(cluster, {gates: ['a1', 'a2'], storage});
  const [first, second] = kit.gates;
  if (first === undefined || second === undefined) throw new Error('two gates are needed');
  for (const {tcp} of [first, second]) await untilServing(tcp, 'HelloWorld@ours');
  const [, server = '', , registry = ''] = cluster.flags;
  const told = new Transcript({...homes('prod'), GATECTL_SERVER: server, GATECTL_REGISTRY: registry});
  told.text('The cluster:');
  await told.run('gatectl gates list');
  await onCall(told, clients, second.tcp, first.tcp);
  await release(told, clients, [second, first], folder.path);
  await support(told, clients, first.tcp);
  const stock = await cluster.startGate('stock');
  await untilServing(stock.tcp, 'HelloWorld@ours');
  await stockGate(told, clients, stock);
  return told.markdown;
}

async function embedded(): Promise<string> {
  await using dev = await startDev('--embedded-bus', '--processes');
  const told = new Transcript({...homes('dev'), ...dev.env});
  await developer(told, clients, dev);
  await script(told, dev);
  return told.markdown;
}

const parts = [await realServers(), await embedded()];
await clients[Symbol.asyncDispose]();
const file = path.resolve('docs/walkthrough.md');
await writeFile(
  file,
  `${header}${parts.join('\n')}\n`.replaceAll(`${folder.path}/`, '').replaceAll(/\n{3,}/g, '\n\n'),
);
process.stdout.write(`wrote ${file}\n`);
