import {ExitCode} from '../../../base/errors.js';
import type {Cluster, ClusterNode, ClusterProbe} from '../../../cluster/cluster.js';
import {duplicateNodeText} from '../../../cluster/read/gather.js';
import {formatPlural} from '../../../output/text/humanize.js';
import type {GateInfo} from '../../../session/gate-api.js';
import {gateFindings, missingInfoFinding} from './diagnose-gate.js';
import {limitFindings} from './diagnose-limits.js';
import {permissionFindings} from './diagnose-permissions.js';
import {storageFindings} from './diagnose-storage.js';
import {type Finding, failureFinding, okFinding, warningFinding} from './finding.js';

interface Diagnosis {
  readonly open: () => Promise<Cluster>;
  /** Local clock, in Unix milliseconds. */
  readonly now: () => number;
  /** Where read-only mode was set; undefined if it is off. */
  readonly readOnly: string | undefined;
  /** Name of the context in force; undefined if none is. */
  readonly contextName?: string | undefined;
}

/** Runs all checks that write nothing, and yields their findings. */
export async function* diagnose(diagnosis: Diagnosis): AsyncGenerator<Finding, void, undefined> {
  const {open, now} = diagnosis;
  const started = now();
  let cluster: Cluster;
  let probe: ClusterProbe;
  try {
    cluster = await open();
    probe = await cluster.probe();
  } catch (error) {
    yield failureFinding('bus', 'NATS', error);
    return;
  }
  yield busFinding(cluster, probe, {ms: now() - started, contextName: diagnosis.contextName});
  const asked = now();
  let gates: readonly ClusterNode[];
  try {
    gates = await cluster.gates();
  } catch (error) {
    yield failureFinding('registry', cluster.registry, error);
    yield* permissionFindings(probe, [], diagnosis.readOnly);
    return;
  }
  yield okFinding(
    'registry',
    cluster.registry,
    `${formatPlural(gates.length, 'gate')}, found in ${now() - asked} ms`,
  );
  yield* duplicateIds(cluster);
  yield* roundTrips(cluster, gates);
  const {infos, others} = yield* capabilities(cluster, now);
  yield* limitFindings(cluster, infos);
  yield* storageFindings(cluster, infos);
  const usable = gates.filter(({id}) => !others.has(id));
  yield* permissionFindings(probe, usable, diagnosis.readOnly);
}

const loopback = /:\/\/(?:[^/@]*@)?(?:127\.|localhost|\[::1\])/;

function busFinding(
  {server}: Cluster,
  {serverVersion, isEncrypted, roundTripMs, maxPayloadBytes}: ClusterProbe,
  {ms, contextName}: {readonly ms: number; readonly contextName: string | undefined},
): Finding {
  const about = [
    ...(contextName === undefined ? [] : [`context "${contextName}"`]),
    `connected in ${ms} ms`,
    `nats-server ${serverVersion === '' ? 'of unknown version' : serverVersion}`,
    `round trip ${roundTripMs.toFixed(1)} ms`,
    `messages up to ${maxPayloadBytes} bytes`,
    isEncrypted ? 'TLS' : 'no TLS',
  ].join(', ');
  if (isEncrypted || loopback.test(server)) return okFinding('bus', server, about);
  return warningFinding(
    'bus',
    server,
    `${about}: sessions and credentials travel unencrypted`,
    'pass --server tls://… if the server supports TLS',
  );
}

/** Reports node ids that several processes share. */
async function* duplicateIds(cluster: Cluster): AsyncGenerator<Finding, void, undefined> {
  for (const [subject, processes] of await cluster.processes()) {
    const detail = `id used by ${duplicateNodeText(processes)}`;
    const next = 'stop all but one of them, or give each its own id';
    yield {check: 'identity', subject, state: 'fail', detail, next, exitCode: ExitCode.conflict};
  }
}

async function* roundTrips(
  cluster: Cluster,
  gates: readonly ClusterNode[],
): AsyncGenerator<Finding, void, undefined> {
  const {outcomes} = await cluster.ping();
  const sources = new Map(gates.map(({id, source}) => [id, source]));
  for (const {node, status, ms, reason, message: detail = ''} of outcomes) {
    if (status === 'ok') {
      yield okFinding('round trip', node, `${ms} ms`);
      continue;
    }
    const isDenied = reason === 'not-permitted';
    const next = isDenied
      ? 'gatectl doctor --permissions'
      : `check that ${node} is running; ${registrationAdvice(sources.get(node))}`;
    const exitCode = isDenied ? ExitCode.notPermitted : ExitCode.partial;
    yield {check: 'round trip', subject: node, state: 'fail', detail, next, exitCode};
  }
}

/** Returns how the registration of a dead process is removed. */
const registrationAdvice = (source: string | undefined): string =>
  source === 'static'
    ? 'a static list keeps it until you remove it from --registry'
    : 'the registry removes dead processes automatically';

/** Yields findings about each gate's functions. Returns the info of all gates. */
async function* capabilities(
  cluster: Cluster,
  now: () => number,
): AsyncGenerator<Finding, Capabilities, undefined> {
  const {results, outcomes} = await cluster.info();
  // all gates are called at once, so the slowest reply tells when the calls were sent
  const askedAt = now() - Math.max(0, ...outcomes.map(({ms}) => ms));
  for (const outcome of outcomes) {
    const {node, status, ms} = outcome;
    const info = results.get(node);
    if (info !== undefined) yield* gateFindings(info, askedAt, ms);
    else if (status === 'failed') yield missingInfoFinding(outcome);
  }
  yield* versions([...results.values()]);
  const others = outcomes.filter(({role}) => role === 'other').map(({node}) => node);
  return {infos: results, others: new Set(others)};
}

interface Capabilities {
  readonly infos: ReadonlyMap<string, GateInfo>;
  /** Nodes that gatectl does not recognise as gates. */
  readonly others: ReadonlySet<string>;
}

function* versions(infos: readonly GateInfo[]): Generator<Finding, void, undefined> {
  const found = [
    ...new Set(infos.map(({software, softwareVersion}) => `${software} ${softwareVersion}`)),
  ].sort();
  if (infos.length === 0) return;
  if (found.length === 1) yield okFinding('versions', 'all gates', found[0] ?? '');
  else
    yield warningFinding(
      'versions',
      'all gates',
      `mixed: ${found.join(', ')}`,
      'expected during a rollout; to compare: gatectl gates info',
    );
}
