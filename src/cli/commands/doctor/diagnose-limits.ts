import {ExitCode} from '../../../base/errors.js';
import type {Cluster} from '../../../cluster/cluster.js';
import {formatCount, formatDuration} from '../../../output/text/humanize.js';
import {
  admissionLimitNames,
  type GateAdmission,
  type HitsByLimit,
  type LimitName,
  type ListenerCertificate,
} from '../../../session/gate-admission.js';
import type {GateInfo} from '../../../session/gate-api.js';
import {type Finding, okFinding, warningFinding} from './finding.js';

/** How long after its last hit a limit is still reported, in milliseconds. */
const recentMs = 600_000;
const expirySoonMs = 14 * 86_400_000;

/** Advice for each limit that was reached. */
const nextByLimit: Readonly<Record<LimitName, string>> = {
  maxSessions: 'raise limits.maxSessions, or add a gate',
  connectionsPerAddress:
    'raise limits.connectionsPerAddress if many clients share an address; behind a load balancer: trustedProxies',
  connectsPerAddressPerSecond:
    'raise limits.connectsPerAddressPerSecond if many clients share an address; behind a load balancer: trustedProxies',
  sessionsPerUser: 'raise limits.sessionsPerUser if users have several devices',
  requestsPerClient: 'raise limits.requestsPerClient, or look for slow modules: gatectl trace --summary',
  authenticate: "check the clients' credentials, and authenticate in the gate's config",
  origins: 'add the origin of your web client to origins, such as https://game.example.com',
  trustedProxies: 'add the proxy to trustedProxies if it is yours, and check that it sends PROXY headers',
};

/** Checks gates that report their limits: warns of limits hit recently and of certificates that expire soon. */
export async function* limitFindings(
  cluster: Cluster,
  infos: ReadonlyMap<string, GateInfo>,
): AsyncGenerator<Finding, void, undefined> {
  const gates = [...infos.values()].flatMap(({nodeId, admission, now}) =>
    admission === undefined ? [] : [{nodeId, admission, now}],
  );
  if (gates.length === 0) return;
  const {results} = await cluster.stats(gates.map(({nodeId}) => nodeId));
  for (const {nodeId, admission, now} of gates) {
    yield* limitsOf(nodeId, admission, results.get(nodeId)?.limitHits ?? {}, now);
    for (const certificate of admission.certificates) yield certificateFinding(nodeId, certificate, now);
  }
}

function* limitsOf(
  nodeId: string,
  {authenticate, limits}: GateAdmission,
  hits: HitsByLimit,
  now: number,
): Generator<Finding, void, undefined> {
  const reached = admissionLimitNames.filter((name) => now - (hits[name]?.lastAt ?? 0) < recentMs);
  for (const name of reached) {
    const {count = 0, lastAt = now} = hits[name] ?? {};
    const value = limits[name] === undefined ? name : `${name} ${formatCount(limits[name])}`;
    const ago = formatDuration(Math.max(0, now - lastAt));
    const detail = `${value} hit ${formatCount(count)} times since the start, last ${ago} ago`;
    yield warningFinding('limits', nodeId, detail, nextByLimit[name]);
  }
  if (reached.length > 0) return;
  const signIn = authenticate === 'none' ? 'open to all clients' : `sign-in by ${authenticate}`;
  yield okFinding('limits', nodeId, `${signIn}; no limit hit in the last ${formatDuration(recentMs)}`);
}

function certificateFinding(
  nodeId: string,
  {listener, minVersion, expiresAt}: ListenerCertificate,
  now: number,
): Finding {
  const left = expiresAt - now;
  const next = `replace the certificate of the ${listener} listener; the gate reloads the file within 2 s`;
  if (left <= 0) {
    const detail = `${listener}: expired ${formatDuration(-left)} ago`;
    return {
      ...warningFinding('certificate', nodeId, detail, next),
      state: 'fail',
      exitCode: ExitCode.partial,
    };
  }
  const detail = `${listener}: expires in ${formatDuration(left)}, ${minVersion} and later`;
  return left < expirySoonMs
    ? warningFinding('certificate', nodeId, detail, next)
    : okFinding('certificate', nodeId, detail);
}
