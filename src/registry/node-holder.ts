import {isAddress, splitNodeId} from '../bus/address.js';
import type {Bus} from '../bus/bus.js';
import {type Answers, askAll, infoCall, processOf} from '../bus/rpc/ask-all.js';
import {NatsDiscovery} from './nats/nats-discovery.js';
import {parseJson, processText, toNode} from './node-record.js';
import type {ClusterNode, Registry} from './registry.js';

export interface HolderSearch {
  readonly bus: Bus;
  readonly registry: Registry;
  /** The node that is about to start. Nothing of it may listen yet. */
  readonly node: ClusterNode;
  /** How long a process may take to answer before it counts as stopped. */
  readonly timeoutMs: number;
}

/** A process that has the id of a node. */
export interface Holder {
  /** For people: what it is known by. */
  readonly about: string;
  /** It listens and does not answer. */
  readonly isSilent: boolean;
}

/**
 * Describes the process that answers under the id of a node, be it at the node's own address, on the services protocol, or at
 * the address that the registry has; undefined when there is none. A record that outlived its process has no listener, and is
 * none. A process that listens and stays silent is one: it may be stopped, and go on later.
 */
export async function findHolder(search: HolderSearch): Promise<Holder | undefined> {
  const {bus, node} = search;
  const [type, id] = splitNodeId(node.id);
  const [own, service, registered, nowhere] = await Promise.all([
    askInfo(search, node.address),
    askNothing(search, `$SRV.INFO.mqant-${type}.${id}`),
    askRegistered(search),
    askNothing(search, bus.newInbox()),
  ]);
  const saysWhenNobodyListens = nowhere.end === 'nobody'; // nats-server before 2.2 does not
  const answers = [own, service, registered];
  for (const {messages} of answers)
    if (messages[0] !== undefined)
      return {about: `it is running already${processIn(messages[0])}`, isSilent: false};
  if (!saysWhenNobodyListens || !answers.some(({end}) => end === 'silence')) return undefined;
  const about = `a process holds its address and did not answer within ${search.timeoutMs} ms`;
  return {about, isSilent: true};
}

const nobody: Answers = {end: 'nobody', messages: []};

/** mqant nodes have an address that only the registry knows. On-bus discovery is asked by the services protocol instead. */
async function askRegistered(search: HolderSearch): Promise<Answers> {
  const {registry, node, timeoutMs} = search;
  if (registry instanceof NatsDiscovery) return nobody;
  const nodes = await registry.nodes(node.type, {timeoutMs}).catch(() => []); // registering will say what is wrong with it
  const other = nodes.find(
    ({id, address}) => id === node.id && address !== node.address && isAddress(address),
  );
  return other === undefined ? nobody : await askInfo(search, other.address);
}

function askInfo({bus, node, timeoutMs}: HolderSearch, subject: string): Promise<Answers> {
  const payload = (inbox: string): Uint8Array => infoCall(node.id, inbox, timeoutMs);
  return askAll(bus, {subject, payload, timeoutMs, settleMs: 0});
}

function askNothing({bus, timeoutMs}: HolderSearch, subject: string): Promise<Answers> {
  return askAll(bus, {subject, payload: () => new Uint8Array(0), timeoutMs, settleMs: 0});
}

/** `, as pid 7 on host`, from the answer to GatectlInfo or to `$SRV.INFO`; empty where it does not say. */
function processIn(data: Uint8Array): string {
  const {metadata} = (parseJson(data) ?? {}) as {readonly metadata?: {readonly node?: unknown} | null};
  const node = toNode(parseJson(String(metadata?.node)), 'nats');
  if (node !== undefined) return `, as ${processText(node)}`;
  const {pid, host} = processOf(data);
  return pid === undefined ? '' : `, as pid ${pid} on ${host}`;
}
