import type {MqttClient} from 'mqtt';
import {expect, test} from 'vitest';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import {helloWorldHandlers} from '../../../src/dev/hello-world.js';
import {startModule} from '../../../src/module/start-module.js';
import {NatsDiscovery} from '../../../src/registry/nats/nats-discovery.js';
import {GateProcess} from '../../support/gate-process.js';
import {MqttClients} from '../../support/mqtt-clients.js';
import {type NatsCluster, startNatsCluster} from '../../support/nats-cluster.js';
import {until} from '../../support/poll.js';
import {spawnGatectl} from '../../support/run-cli.js';
import {describeWith} from '../../support/servers.js';
import {ask} from '../../support/test-gate.js';

/** Counts what clients lose. */
class Players implements AsyncDisposable {
  private readonly open = new MqttClients();
  readonly clients: MqttClient[] = [];
  lost = 0;

  async join(gate: GateProcess, count: number): Promise<void> {
    for (let at = 0; at < count; at += 1) {
      const client = await this.open.open(gate.tcp);
      client.once('close', () => {
        this.lost += 1;
      });
      this.clients.push(client);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.open[Symbol.asyncDispose]();
  }
}

interface Count {
  readonly code: number;
  readonly complete: boolean;
  readonly sessions: number;
}

/** `sessions count` as an operator runs it, on a server list of its own. */
async function count(urls: string): Promise<Count> {
  const {code, out, err} = await spawnGatectl(['sessions', 'count', '-o', 'json'], {
    env: {GATECTL_SERVER: urls},
  });
  if (out === '') throw new Error(err);
  const {items, complete} = JSON.parse(out) as {items: {sessions: number}[]; complete: boolean};
  return {code, complete, sessions: items.reduce((sum, {sessions}) => sum + sessions, 0)};
}

/** Runs commands until all gates answer, and checks that none called an answer complete that was not. */
async function countsWholeAgain(urls: string, sessions: number): Promise<void> {
  await until(
    async () => {
      const counted = await count(urls);
      expect([0, 3]).toContain(counted.code);
      if (counted.complete) expect(counted).toEqual({code: 0, complete: true, sessions});
      return counted.complete;
    },
    {what: 'a complete count', timeoutMs: 30_000},
  );
}

async function startPlayersModule(cluster: NatsCluster) {
  const bus = await connectBus({server: cluster.urlsFrom(2), timeoutMs: 5000, reconnect: true});
  const registry = new NatsDiscovery({bus});
  const module = await startModule({
    type: 'HelloWorld',
    id: 'h1',
    bus,
    registry,
    handlers: helloWorldHandlers,
  });
  return {
    async [Symbol.asyncDispose]() {
      await module.close(0);
      await registry.close();
      await bus.close();
    },
  };
}

describeWith('nats-server')('gates on a NATS cluster', () => {
  test('lose no session when its three nodes are killed one after the other', async () => {
    await using cluster = await startNatsCluster();
    await using a = await GateProcess.start('a', cluster.urlsFrom(0));
    await using b = await GateProcess.start('b', cluster.urlsFrom(1));
    await using _module = await startPlayersModule(cluster);
    await using players = new Players();
    await players.join(a, 20);
    await players.join(b, 20);
    for (const node of [0, 1, 2]) {
      await cluster.kill(node);
      await countsWholeAgain(cluster.urlsFrom(node), 40);
      for (const client of [players.clients[0], players.clients[39]] as MqttClient[])
        await until(async () => (await ask(client, 'HelloWorld/HD_whoami/1', '{}')).Error === '', {
          what: 'a reply',
        });
      await cluster.restart(node);
    }
    expect(players.lost).toBe(0);
    const line = ['settings', 'set', '--all', 'seen=1', '--yes', '--expect', '40'];
    const written = await spawnGatectl(line, {env: {GATECTL_SERVER: cluster.urlsFrom(0)}});
    expect(written.code, written.err).toBe(0);
  });

  test('lose no session behind a leaf node whose cluster loses its nodes', async () => {
    await using cluster = await startNatsCluster();
    await using leaf = await cluster.startLeaf();
    await using gate = await GateProcess.start('far', leaf.url);
    await using players = new Players();
    await players.join(gate, 10);
    await countsWholeAgain(cluster.urlsFrom(0), 10);
    for (const node of [0, 1, 2]) {
      await cluster.kill(node);
      await until(async () => (await count(cluster.urlsFrom(node))).sessions === 10, {what: 'the gate'});
      await cluster.restart(node);
    }
    await countsWholeAgain(leaf.url, 10);
    expect(players.lost).toBe(0);
  });
});
