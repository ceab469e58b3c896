import {connect} from 'node:net';
import {startNats} from './nats.js';
import {until} from './poll.js';
import {freePort, type TestServer} from './servers.js';

/** Several real nats-servers that form a cluster, and accept leaf nodes. */
export interface NatsCluster extends AsyncDisposable {
  readonly nodes: readonly TestServer[];
  /** URLs of all nodes, from this one on: whoever connects tries them in this order. */
  urlsFrom(first: number): string;
  /** Starts a nats-server that is a leaf node of the cluster. */
  startLeaf(): Promise<TestServer>;
  /** Kills a node without a goodbye. */
  kill(node: number): Promise<void>;
  /** Starts a killed node again, and waits until it is part of the cluster. */
  restart(node: number): Promise<void>;
}

interface NatsClusterOptions {
  /** More text of the configuration file of each node. */
  readonly conf?: string;
  readonly program?: string;
}

export async function startNatsCluster(
  size = 3,
  {conf = '', program}: NatsClusterOptions = {},
): Promise<NatsCluster> {
  const routes = await Promise.all(Array.from({length: size}, freePort));
  const leafPorts = await Promise.all(Array.from({length: size}, freePort));
  const urls = (scheme: string, ports: readonly number[]): string =>
    JSON.stringify(ports.map((port) => `${scheme}://127.0.0.1:${port}`));
  const confOf = (at: number): string => `
    server_name: "n${at}"
    cluster { name: test, listen: "127.0.0.1:${routes[at]}", routes: ${urls('nats', routes)} }
    leafnodes { listen: "127.0.0.1:${leafPorts[at]}" }
    ${conf}`;
  const nodes = await Promise.all(routes.map((_, at) => startNats(confOf(at), program)));
  const isWhole = async (): Promise<boolean> => {
    const known = await Promise.all(nodes.map(({port}) => knownServers(port)));
    return known.every((count) => count === size);
  };
  await until(isWhole, {what: 'the nodes to know each other'});
  return {
    nodes,
    urlsFrom: (first) => nodes.map((_, at) => nodes[(first + at) % size]?.url).join(','),
    startLeaf: () =>
      startNats(`server_name: leaf
        leafnodes { reconnect: 1, remotes: [{ urls: ${urls('nats-leaf', leafPorts)} }] }`),
    async kill(node) {
      nodes[node]?.signal('SIGKILL');
      await nodes[node]?.stop();
    },
    async restart(node) {
      await nodes[node]?.restart();
      await until(isWhole, {what: 'the node to be back'});
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
    },
  };
}

/** Returns how many servers of its cluster a node announces to its clients. */
async function knownServers(port: number): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  try {
    let text = '';
    for await (const chunk of socket) {
      text += String(chunk);
      if (text.includes('\r\n')) break;
    }
    const info = JSON.parse(text.slice('INFO '.length, text.indexOf('\r\n')));
    return info.connect_urls?.length ?? 0;
  } finally {
    socket.destroy();
  }
}
