import type {Bus} from '../../bus/bus.js';
import {collectReplies, encodeInfoCall, processIdentityOfReply} from '../../bus/rpc/collect-replies.js';
import type {ClusterNode} from '../../registry/registry.js';

interface CensusOptions {
  readonly bus: Bus;
  /** How long to wait for a node's first reply, in milliseconds. */
  readonly timeoutMs: number;
}

/** How long to wait for a second process to reply. It usually does within milliseconds; a busy one takes longer. */
const settleMs = 100;

/**
 * Finds node ids that several processes share: calls each node once and collects all replies. Resolves with the names
 * of the processes, such as `pid 7 on host`, for these nodes only.
 */
export async function findSharedNodeIds(
  nodes: readonly ClusterNode[],
  options: CensusOptions,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const counted = await Promise.all(
    nodes.map(async (node) => [node.id, node.processes ?? (await processesOf(node, options))] as const),
  );
  return new Map(counted.filter(([, processes]) => processes.length > 1));
}

async function processesOf(
  {id, address, subjectPerFunction}: ClusterNode,
  {bus, timeoutMs}: CensusOptions,
): Promise<readonly string[]> {
  const {messages} = await collectReplies(bus, {
    subject: subjectPerFunction ? `${address}.GatectlInfo` : address,
    payload: (inbox) => encodeInfoCall(`census of ${id}`, inbox, timeoutMs),
    timeoutMs,
    settleMs,
  });
  return processesIn(messages);
}

/**
 * Returns the names of the processes that replied. A process that identifies itself counts once. Otherwise each reply
 * counts, because mqant answers a call once.
 */
function processesIn(answers: readonly Uint8Array[]): readonly string[] {
  const named = new Map<string, string>();
  let unnamed = 0;
  for (const answer of answers) {
    const {pid, host, startedAt} = processIdentityOfReply(answer);
    if (pid === undefined) unnamed += 1;
    else named.set(`${pid} ${host} ${startedAt}`, `pid ${pid} on ${host}`);
  }
  return [...named.values(), ...Array.from({length: unnamed}, (_, at) => `process ${at + 1}`)];
}
