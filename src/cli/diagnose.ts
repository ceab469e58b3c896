import type {Cluster, ClusterNode} from '../cluster/cluster.js';
import {ExitCode, GatectlError} from '../errors.js';
import {duration} from '../output/human.js';
import {extensionFunctions, type GateInfo, protocolVersion} from '../session/gate-api.js';

/** One thing that was looked at. `warn` works, with less than there could be. */
export interface Finding {
  readonly check: string;
  readonly subject: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  /** What to do about it; empty when nothing is to be done. */
  readonly next: string;
  readonly exitCode: ExitCode;
}

/** A clock that is further off makes ages of records and the journal hard to compare (milliseconds). */
const mostSkewMs = 2000;

const ok = (check: string, subject: string, detail: string): Finding => ({
  ...{check, subject, detail},
  ...{state: 'ok', next: '', exitCode: ExitCode.done},
});

const warning = (check: string, subject: string, detail: string, next: string): Finding => ({
  ...{check, subject, detail, next},
  ...{state: 'warn', exitCode: ExitCode.done},
});

/** Something that does not work, in the words and with the exit code of its error. */
export function failure(check: string, subject: string, error: unknown): Finding {
  if (!(error instanceof GatectlError)) throw error;
  const {message: detail, hint: next = '', exitCode} = error;
  return {check, subject, detail, next, exitCode, state: 'fail'};
}

/** Everything that can be learned of a cluster without writing. `now` is the local clock (Unix milliseconds). */
export async function* diagnose(
  open: () => Promise<Cluster>,
  now: () => number,
): AsyncGenerator<Finding, void, undefined> {
  const started = now();
  let cluster: Cluster;
  try {
    cluster = await open();
  } catch (error) {
    yield failure('bus', 'NATS', error);
    return;
  }
  yield ok('bus', cluster.server, `connected in ${now() - started} ms`);
  let gates: readonly ClusterNode[];
  try {
    gates = await cluster.gates();
  } catch (error) {
    yield failure('registry', cluster.registry, error);
    return;
  }
  yield ok('registry', cluster.registry, gates.length === 1 ? '1 gate' : `${gates.length} gates`);
  yield* roundTrips(cluster);
  yield* capabilities(cluster, now);
  for (const {id, subjectPerFunction} of gates) {
    if (subjectPerFunction) continue;
    yield warning(
      'permissions',
      id,
      'one address for all functions: NATS cannot tell reading from writing',
      'read-only is kept by gatectl alone here (--read-only, context)',
    );
  }
}

async function* roundTrips(cluster: Cluster): AsyncGenerator<Finding, void, undefined> {
  const {outcomes} = await cluster.ping();
  for (const {node, status, ms, message = ''} of outcomes) {
    if (status === 'ok') yield ok('round trip', node, `${ms} ms`);
    else {
      const next = 'is the process there? its registration ends by itself when it is not';
      yield {
        check: 'round trip',
        subject: node,
        state: 'fail',
        detail: message,
        next,
        exitCode: ExitCode.partial,
      };
    }
  }
}

async function* capabilities(cluster: Cluster, now: () => number): AsyncGenerator<Finding, void, undefined> {
  const asked = now();
  const {results, outcomes} = await cluster.info();
  const answered = now();
  for (const {node, reason, status, ms} of outcomes) {
    const info = results.get(node);
    if (info !== undefined) yield* aboutGate(info, asked + ms / 2);
    else if (reason === 'unsupported') {
      yield warning(
        'functions',
        node,
        'a stock mqant gate: by session id everything works; no listing, counting, finding by uid, records',
        'records of its store: --store redis://…',
      );
    } else if (status === 'failed' && answered >= asked) {
      yield warning('functions', node, 'did not say what it can do', 'gatectl gates info');
    }
  }
}

function* aboutGate(info: GateInfo, askedAt: number): Generator<Finding, void, undefined> {
  const {nodeId, software, softwareVersion, protocol, functions, storage} = info;
  const missing = extensionFunctions.filter((name) => !functions.includes(name));
  const about = `${software} ${softwareVersion}, ${info.sessions} sessions, up ${duration(info.now - info.startedAt)}`;
  if (protocol !== protocolVersion) {
    yield warning(
      'functions',
      nodeId,
      `speaks protocol ${protocol}, this gatectl ${protocolVersion}`,
      'use like versions',
    );
  } else if (missing.length > 0) {
    yield warning('functions', nodeId, `${about}; without ${missing.join(', ')}`, 'a newer gate has them');
  } else yield ok('functions', nodeId, about);
  const skew = Math.round(info.now - askedAt);
  if (Math.abs(skew) <= mostSkewMs) yield ok('clock', nodeId, `${skew} ms off`);
  else
    yield warning(
      'clock',
      nodeId,
      `${duration(Math.abs(skew))} ${skew > 0 ? 'ahead' : 'behind'}`,
      'let NTP set it',
    );
  if (storage.kind === 'none')
    yield warning('storage', nodeId, 'none: settings end with the connection', 'gatectl gate run --store …');
  else if (storage.dirty > 0)
    yield warning(
      'storage',
      nodeId,
      `${storage.kind}, ${storage.dirty} sessions not stored yet`,
      'is the store there?',
    );
  else yield ok('storage', nodeId, storage.kind);
}
