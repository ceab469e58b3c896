import type {LiveCluster} from '../../../cluster/cluster.js';
import type {GateInfo} from '../../../session/gate-api.js';
import {reportsDirtyCount} from '../../../session/node-kind.js';
import {type Finding, okFinding, warningFinding} from './finding.js';
import {softwareAdvice} from './software-advice.js';

/** A uid that no user has. Reading its record makes the gate query its store and changes nothing. */
const probeUid = 'gatectl-doctor-00000000';

/** What a power loss can destroy, by store kind, if the gate does not report it. Killing a gate loses no acknowledged write. */
const powerLossByStore: Readonly<Record<string, string>> = {
  memory: 'records are lost when the process ends',
  file: 'synced to disk before each write is acknowledged',
  redis: 'power loss can lose writes within appendfsync: redis-cli config get appendfsync',
  mongodb: 'power loss can lose writes that the journal has not flushed (0.1 s), or w=1 at a failover',
  jetstream: 'power loss can lose writes within sync_interval of nats-server (default 2 minutes)',
};

/** Checks each gate's store: whether it answers, what it supports, and how many sessions are unsaved. */
export async function* storageFindings(
  cluster: LiveCluster,
  infos: ReadonlyMap<string, GateInfo>,
): AsyncGenerator<Finding, void, undefined> {
  for (const [node, {storage, software}] of infos) {
    if (storage.kind === 'none') {
      const {addStorage} = softwareAdvice(software);
      yield warningFinding('storage', node, 'none: settings are lost when the connection closes', addStorage);
    }
  }
  const holders = [...infos].filter(([, {storage}]) => storage.get).map(([node]) => node);
  if (holders.length === 0) return;
  const {outcomes} = await cluster.each((gate) => gate.recordGet(probeUid), {gates: holders});
  for (const {node, status, reason, message, ms} of outcomes) {
    const info = infos.get(node);
    if (info === undefined) continue;
    const {storage, software} = info;
    if (status === 'ok') yield storageFinding(node, info, ms);
    else if (reason === 'not-permitted')
      yield okFinding('storage', node, `${storage.kind}; not permitted to query it`);
    else
      yield warningFinding(
        'storage',
        node,
        `${storage.kind} does not answer: ${message ?? ''}`,
        `check that the store runs and that the gate can reach it; ${softwareAdvice(software).duringOutage}`,
      );
  }
}

function storageFinding(node: string, {storage, software}: GateInfo, ms: number): Finding {
  const {kind, dirty, failure, onDisk, powerLoss = powerLossByStore[kind]} = storage;
  const lacking = (['put', 'delete', 'list', 'expire'] as const).filter((ability) => !storage[ability]);
  const about = [
    `${kind}, answered in ${ms} ms`,
    ...(powerLoss === undefined ? [] : [powerLoss]),
    ...(reportsDirtyCount(software) ? [] : ['does not report failed writes']),
    ...(lacking.length === 0 ? [] : [`cannot ${lacking.join(', ')}`]),
  ].join('; ');
  if (dirty === 0 && onDisk === false)
    return warningFinding(
      'storage',
      node,
      about,
      'redis-cli config set appendonly yes, and set it in redis.conf',
    );
  if (dirty === 0) return okFinding('storage', node, about);
  return warningFinding(
    'storage',
    node,
    `${dirty} unsaved sessions${failure === undefined ? '' : `: ${failure}`}; ${about}`,
    'check whether the store is full, slow or read-only',
  );
}
