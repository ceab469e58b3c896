import type {Cluster, ClusterNode, ClusterProbe} from '../cluster/cluster.js';
import {ExitCode} from '../errors.js';
import {plural} from '../output/human.js';
import type {GateInfo} from '../session/gate-api.js';
import {gateFindings} from './diagnose-gate.js';
import {permissionFindings} from './diagnose-permissions.js';
import {storageFindings} from './diagnose-storage.js';
import {type Finding, failure, ok, warning} from './finding.js';

export interface Diagnosis {
  readonly open: () => Promise<Cluster>;
  /** The local clock, Unix milliseconds. */
  readonly now: () => number;
  /** Who laid read-only on, where somebody did. */
  readonly readOnly: string | undefined;
}

/** Everything that can be learned of a cluster without writing. */
export async function* diagnose(diagnosis: Diagnosis): AsyncGenerator<Finding, void, undefined> {
  const {open, now} = diagnosis;
  const started = now();
  let cluster: Cluster;
  let probe: ClusterProbe;
  try {
    cluster = await open();
    probe = await cluster.probe();
  } catch (error) {
    yield failure('bus', 'NATS', error);
    return;
  }
  yield busFinding(cluster, probe, now() - started);
  const asked = now();
  let gates: readonly ClusterNode[];
  try {
    gates = await cluster.gates();
  } catch (error) {
    yield failure('registry', cluster.registry, error);
    yield* permissionFindings(probe, [], diagnosis.readOnly);
    return;
  }
  yield ok('registry', cluster.registry, `${plural(gates.length, 'gate')}, found in ${now() - asked} ms`);
  yield* roundTrips(cluster);
  const infos = yield* capabilities(cluster, now);
  yield* storageFindings(cluster, infos);
  yield* permissionFindings(probe, gates, diagnosis.readOnly);
}

const loopback = /:\/\/(?:[^/@]*@)?(?:127\.|localhost|\[::1\])/;

function busFinding(
  {server}: Cluster,
  {serverVersion, isEncrypted, roundTripMs, maxPayloadBytes}: ClusterProbe,
  ms: number,
): Finding {
  const about = [
    `connected in ${ms} ms`,
    `nats-server ${serverVersion === '' ? 'of unknown version' : serverVersion}`,
    `round trip ${roundTripMs.toFixed(1)} ms`,
    `messages up to ${maxPayloadBytes} bytes`,
    isEncrypted ? 'TLS' : 'no TLS',
  ].join(', ');
  if (isEncrypted || loopback.test(server)) return ok('bus', server, about);
  return warning(
    'bus',
    server,
    `${about}: sessions and credentials can be read on the way`,
    'tls://… as --server, where the server has TLS',
  );
}

async function* roundTrips(cluster: Cluster): AsyncGenerator<Finding, void, undefined> {
  const {outcomes} = await cluster.ping();
  for (const {node, status, ms, reason, message: detail = ''} of outcomes) {
    if (status === 'ok') {
      yield ok('round trip', node, `${ms} ms`);
      continue;
    }
    const isDenied = reason === 'not-permitted';
    const next = isDenied
      ? 'see what is wanted: gatectl doctor --permissions'
      : 'is the process there? its registration ends by itself when it is not';
    const exitCode = isDenied ? ExitCode.notPermitted : ExitCode.partial;
    yield {check: 'round trip', subject: node, state: 'fail', detail, next, exitCode};
  }
}

/** Resolves with what the gates said of themselves. */
async function* capabilities(
  cluster: Cluster,
  now: () => number,
): AsyncGenerator<Finding, ReadonlyMap<string, GateInfo>, undefined> {
  const {results, outcomes} = await cluster.info();
  // all at once, when they had been found, and the slowest was waited for
  const askedAt = now() - Math.max(0, ...outcomes.map(({ms}) => ms));
  for (const {node, reason, status, ms} of outcomes) {
    const info = results.get(node);
    if (info !== undefined) yield* gateFindings(info, askedAt, ms);
    else if (reason === 'unsupported') {
      yield warning(
        'functions',
        node,
        'a stock mqant gate: by session id everything works; no listing, counting, finding by uid, events, records',
        'the add-on for mqant gates; records of its store: --store redis://…',
      );
    } else if (status === 'failed') {
      yield warning('functions', node, 'did not say what it can do', 'gatectl gates info');
    }
  }
  yield* versions([...results.values()]);
  return results;
}

function* versions(infos: readonly GateInfo[]): Generator<Finding, void, undefined> {
  const found = [
    ...new Set(infos.map(({software, softwareVersion}) => `${software} ${softwareVersion}`)),
  ].sort();
  if (infos.length === 0) return;
  if (found.length === 1) yield ok('versions', 'all gates', found[0] ?? '');
  else
    yield warning(
      'versions',
      'all gates',
      `mixed: ${found.join(', ')}`,
      'fine while it is rolled out; which is which: gatectl gates info',
    );
}
