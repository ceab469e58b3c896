import type {Cluster} from '../cluster/cluster.js';
import type {GateInfo, StorageState} from '../session/gate-api.js';
import {type Finding, ok, warning} from './finding.js';

/** A uid that nobody has: asking for its record changes nothing, and takes the gate to its store. */
const nobody = 'gatectl-doctor-00000000';

/** What a power loss at the store costs, where the gate does not know better. One that is killed loses nothing that it acknowledged. */
const usualPowerLoss: Readonly<Record<string, string>> = {
  memory: 'in the memory of the gate: gone with its process',
  file: 'written through to the disk before it is acknowledged',
  redis: 'a power loss costs what appendfsync of Redis allows: redis-cli config get appendfsync',
  jetstream: 'a power loss costs what sync_interval of nats-server allows (2 minutes unless set)',
};

/** Whether each gate's store answers, what it can do, and how far the gate is behind with it. */
export async function* storageFindings(
  cluster: Cluster,
  infos: ReadonlyMap<string, GateInfo>,
): AsyncGenerator<Finding, void, undefined> {
  for (const [node, {storage}] of infos) {
    if (storage.kind === 'none') {
      const next = 'gatectl gate run --store …; in mqant SetStorageHandler';
      yield warning('storage', node, 'none: settings end with the connection', next);
    }
  }
  const holders = [...infos].filter(([, {storage}]) => storage.get).map(([node]) => node);
  if (holders.length === 0) return;
  const {outcomes} = await cluster.each((gate) => gate.recordGet(nobody), {gates: holders});
  for (const {node, status, reason, message, ms} of outcomes) {
    const storage = infos.get(node)?.storage;
    if (storage === undefined) continue;
    if (status === 'ok') yield storageFinding(node, storage, ms);
    else if (reason === 'not-permitted') yield ok('storage', node, `${storage.kind}; may not be asked`);
    else
      yield warning(
        'storage',
        node,
        `${storage.kind} does not answer: ${message ?? ''}`,
        'is the store there? the gate serves on, and stores what waits once it is',
      );
  }
}

function storageFinding(node: string, storage: StorageState, ms: number): Finding {
  const {kind, dirty, onDisk, powerLoss = usualPowerLoss[kind]} = storage;
  const lacking = (['put', 'delete', 'list', 'expire'] as const).filter((ability) => !storage[ability]);
  const about = [
    `${kind}, answers in ${ms} ms`,
    ...(powerLoss === undefined ? [] : [powerLoss]),
    ...(lacking.length === 0 ? [] : [`cannot ${lacking.join(', ')}`]),
  ].join('; ');
  if (dirty === 0 && onDisk === false)
    return warning('storage', node, about, 'redis-cli config set appendonly yes, and in its configuration');
  if (dirty === 0) return ok('storage', node, about);
  return warning(
    'storage',
    node,
    `${dirty} sessions not stored yet; ${about}`,
    'look again; is the store full, slow or read-only?',
  );
}
