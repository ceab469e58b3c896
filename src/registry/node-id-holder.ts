import type {Bus} from '../bus/bus.js';
import {isPublishableAddress, splitNodeId} from '../bus/node-address.js';
import {
  type CollectedReplies,
  collectReplies,
  encodeInfoCall,
  processIdentityOfReply,
} from '../bus/rpc/collect-replies.js';
import {NatsDiscovery} from './nats/nats-discovery.js';
import {describeProcess, parseNode, tryParseJson} from './node-record.js';
import type {ClusterNode, Registry} from './registry.js';

interface HolderSearch {
  readonly bus: Bus;
  readonly registry: Registry;
  /** The node that is about to start. It must not listen yet. */
  readonly node: ClusterNode;
  /** How long to wait for an answer before a process counts as silent, in milliseconds. */
  readonly timeoutMs: number;
}

/** A process that uses a node id. */
interface Holder {
  /** Text for messages that identifies the process. */
  readonly about: string;
  /** True if the process listens but doesn't answer. */
  readonly isSilent: boolean;
}

/**
 * Finds the process that uses a node id: at the node's address, through the services protocol, or at the address in
 * the registry. Resolves with undefined if there is none. A stale registration has no listener and doesn't count. A
 * process that listens but does not answer counts, because it may be suspended and resume later.
 */
export async function findNodeIdHolder(search: HolderSearch): Promise<Holder | undefined> {
  const {bus, node} = search;
  const [type, id] = splitNodeId(node.id);
  const [own, service, registered, nowhere] = await Promise.all([
    askInfo(search, node.address),
    askNothing(search, `$SRV.INFO.mqant-${type}.${id}`),
    askRegistered(search),
    askNothing(search, bus.newInbox()),
  ]);
  const reportsNoResponders = nowhere.end === 'nobody'; // nats-server before 2.2 sends no such status
  const answers = [own, service, registered];
  for (const {messages} of answers)
    if (messages[0] !== undefined)
      return {about: `it is already running${processIn(messages[0])}`, isSilent: false};
  if (!reportsNoResponders || !answers.some(({end}) => end === 'silence')) return undefined;
  const about = `another process uses its address and did not answer within ${search.timeoutMs} ms`;
  return {about, isSilent: true};
}

const nobody: CollectedReplies = {end: 'nobody', messages: []};

/**
 * Asks the process at the address in the registry, which is needed for mqant nodes. Discovery on the bus uses the
 * services protocol instead.
 */
async function askRegistered(search: HolderSearch): Promise<CollectedReplies> {
  const {registry, node, timeoutMs} = search;
  if (registry instanceof NatsDiscovery) return nobody;
  const nodes = await registry.nodes(node.type, {timeoutMs}).catch(() => []); // the registration will report the error
  const other = nodes.find(
    ({id, address}) => id === node.id && address !== node.address && isPublishableAddress(address),
  );
  return other === undefined ? nobody : await askInfo(search, other.address);
}

function askInfo({bus, node, timeoutMs}: HolderSearch, subject: string): Promise<CollectedReplies> {
  const payload = (inbox: string): Uint8Array => encodeInfoCall(node.id, inbox, timeoutMs);
  return collectReplies(bus, {subject, payload, timeoutMs, settleMs: 0});
}

function askNothing({bus, timeoutMs}: HolderSearch, subject: string): Promise<CollectedReplies> {
  return collectReplies(bus, {subject, payload: () => new Uint8Array(0), timeoutMs, settleMs: 0});
}

/** Formats `, as pid 7 on host` from a reply to GatectlInfo or `$SRV.INFO`; empty if the reply lacks these. */
function processIn(data: Uint8Array): string {
  const {metadata} = (tryParseJson(data) ?? {}) as {readonly metadata?: {readonly node?: unknown} | null};
  const node = parseNode(tryParseJson(String(metadata?.node)), 'nats');
  if (node !== undefined) return `, as ${describeProcess(node)}`;
  const {pid, host} = processIdentityOfReply(data);
  return pid === undefined ? '' : `, as pid ${pid} on ${host}`;
}
