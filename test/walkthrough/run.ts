import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {openStore} from '../../src/storage/open-store.js';
import {startDev} from '../support/dev-process.js';
import {aNodeLeft, MqantCluster, untilServing} from '../support/mqant.js';
import {MqttClients} from '../support/mqtt-clients.js';
import {startOurKit} from '../support/our-kit.js';
import {startRedis} from '../support/redis.js';
import {temporaryFolder} from '../support/temp.js';
import {developer, onCall, release, script, stockGate, support} from './jobs.js';
import {Transcript} from './transcript.js';

const header = `# Walkthrough

Five jobs of an operator, as commands with their output. \`npm run walkthrough\` generates this page with the built program. The
first three jobs use nats-server, etcd, Redis and two gates of gatectl, joined by an unmodified mqant gate in Go. The others use
the embedded cluster. Lines that begin with \`#\` show exit codes and what clients receive. The
[operators' guide](operators.md) explains the commands.
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
  cluster.mayLog(aNodeLeft); // gatectl's module stops first
  const storage = await openStore(`${redis.url}/0?ttl=24h`);
  await using kit = await startOurKit(cluster, {gates: ['a1', 'a2'], storage});
  const [first, second] = kit.gates;
  if (first === undefined || second === undefined) throw new Error('two gates are needed');
  for (const {tcp} of [first, second]) await untilServing(tcp, 'HelloWorld@ours');
  const [, server = '', , registry = ''] = cluster.flags;
  const transcript = new Transcript({...homes('prod'), GATECTL_SERVER: server, GATECTL_REGISTRY: registry});
  transcript.text('The cluster:');
  await transcript.run('gatectl gates list');
  await onCall(transcript, clients, second.tcp, first.tcp);
  await release(transcript, clients, [second, first], folder.path);
  await support(transcript, clients, first.tcp);
  const stock = await cluster.startGate('stock');
  await untilServing(stock.tcp, 'HelloWorld@ours');
  await stockGate(transcript, clients, stock);
  return transcript.markdown;
}

async function embedded(): Promise<string> {
  await using dev = await startDev('--embedded-bus', '--processes');
  const transcript = new Transcript({...homes('dev'), ...dev.env});
  await developer(transcript, clients, dev);
  await script(transcript, dev);
  return transcript.markdown;
}

const parts = [await realServers(), await embedded()];
await clients[Symbol.asyncDispose]();
const file = path.resolve('docs/walkthrough.md');
await writeFile(
  file,
  `${header}${parts.join('\n')}\n`.replaceAll(`${folder.path}/`, '').replaceAll(/\n{3,}/g, '\n\n'),
);
process.stdout.write(`wrote ${file}\n`);
