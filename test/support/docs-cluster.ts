import {chmod, mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {connectAsync, type MqttClient} from 'mqtt';
import {connectBus} from '../../src/bus/connect/connect-bus.js';
import {openJournal} from '../../src/cli/journal/journal.js';
import {openContextStore} from '../../src/cli/settings/context-store.js';
import {natsContextNames, natsContextReader} from '../../src/cli/settings/nats-context.js';
import {openCluster} from '../../src/cluster/gates/open-cluster.js';
import {helloWorldHandlers} from '../../src/dev/hello-world.js';
import {startEmbeddedBus} from '../../src/embedded-bus/embedded-bus.js';
import {startGate} from '../../src/gate/node/start-gate.js';
import {startModule} from '../../src/module/start-module.js';
import {openRegistry} from '../../src/registry/open-registry.js';
import {openStore} from '../../src/storage/open-store.js';
import {until} from './poll.js';
import type {CliWorld} from './run-cli.js';
import {cleanEnvironment} from './run-cli.js';
import {temporaryFolder} from './temp.js';
import {ask, sessionIdOf} from './test-gate.js';

/** The cluster that the pages of the documentation speak of: gates a1 and a2, the user u42 and some others. */
export interface DocsCluster extends AsyncDisposable {
  readonly server: string;
  readonly store: string;
  /** The working folder of the commands. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly world: CliWorld;
  /** Connects the users again whose clients were kicked. */
  connectAll(): Promise<void>;
  /** The session of u42 by now. */
  sessionId(): Promise<string>;
}

const listener = {host: '127.0.0.1', port: 0};
const users = ['u42', 'ann', 'bob', 'bot7', 'bot8', 'guest'];

/** Starts the cluster on an embedded bus, with its context selected in a home folder of its own. */
export async function startDocsCluster(): Promise<DocsCluster> {
  const closers: (() => Promise<unknown>)[] = [];
  const folder = await temporaryFolder('gatectl-docs-');
  closers.push(folder.remove);
  const embedded = await startEmbeddedBus();
  closers.push(() => embedded.close());
  const storeUrl = `file:${folder.path}/records`;
  const storage = await openStore(storeUrl);
  closers.push(() => storage.close());
  const bus = await connectBus({server: embedded.url, timeoutMs: 5000, reconnect: true});
  closers.push(() => bus.close());
  const registry = openRegistry('nats://', {bus});
  closers.push(() => registry.close());
  const gates = await Promise.all(
    ['a1', 'a2'].map((id) => startGate({bus, registry, id, tcp: listener, ws: listener, storage})),
  );
  closers.push(() => Promise.all(gates.map((gate) => gate.stop({drainMs: 0}))));
  const module = await startModule({
    type: 'HelloWorld',
    id: 'hello',
    bus,
    registry,
    handlers: helloWorldHandlers,
  });
  closers.push(() => module.close(0));
  const urls = gates.map(({tcpPort}) => `mqtt://127.0.0.1:${tcpPort}`);
  const clients = new Map<string, MqttClient>();
  closers.push(async () => {
    for (const client of clients.values()) client.end(true);
  });
  const join = async (uid: string, url: string) => {
    if (clients.get(uid)?.connected === true) return;
    const client = await until(() => connectAsync(url, {reconnectPeriod: 0}), {what: 'a gate to accept'});
    client.on('error', () => {});
    clients.set(uid, client);
    if (uid !== 'guest') await ask(client, 'HelloWorld/HD_login/1', JSON.stringify({uid}));
    await ask(client, 'HelloWorld/HD_room/2', JSON.stringify({room: 'lobby'}));
  };
  const connectAll = async () => {
    await Promise.all(users.map((uid, at) => join(uid, urls[at % 2] ?? '')));
  };
  await connectAll();
  const home = {XDG_CONFIG_HOME: `${folder.path}/config`, XDG_STATE_HOME: `${folder.path}/state`};
  const natsContexts = `${folder.path}/config/nats/context`;
  await mkdir(natsContexts, {recursive: true});
  await writeFile(path.join(natsContexts, 'staging.json'), JSON.stringify({url: embedded.url}));
  const contexts = openContextStore(
    `${folder.path}/config/gatectl`,
    natsContextReader(natsContexts, home, folder.path),
    () => natsContextNames(natsContexts),
  );
  await contexts.save('dev', {server: embedded.url, registry: 'nats://'});
  await contexts.select('dev');
  const env = {...cleanEnvironment(), ...home, PATH: await pathWithGatectl(folder.path), EDITOR: 'true'};
  return {
    server: embedded.url,
    store: storeUrl,
    folder: folder.path,
    env,
    connectAll,
    async sessionId() {
      await connectAll();
      return sessionIdOf(clients.get('u42') as MqttClient);
    },
    world: {
      env,
      openCluster,
      contextStore: contexts,
      journal: openJournal(`${folder.path}/state/gatectl/journal.jsonl`),
      stateFolder: `${folder.path}/state/gatectl`,
      now: Date.now,
    },
    async [Symbol.asyncDispose]() {
      for (const close of closers.reverse()) await close();
    },
  };
}

/** A PATH on which `gatectl` is the built program. */
async function pathWithGatectl(folder: string): Promise<string> {
  const script = path.join(folder, 'gatectl');
  await writeFile(script, `#!/bin/sh\nexec "${process.execPath}" "${path.resolve('bin/gatectl.js')}" "$@"\n`);
  await chmod(script, 0o755);
  return `${folder}:${process.env['PATH'] ?? ''}`;
}
