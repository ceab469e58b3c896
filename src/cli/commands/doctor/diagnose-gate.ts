import {ExitCode} from '../../../base/errors.js';
import type {GateOutcome} from '../../../cluster/cluster.js';
import {formatBytes, formatDuration} from '../../../output/text/humanize.js';
import {
  extensionFunctions,
  extensionProtocolVersion,
  type GateFunction,
  type GateInfo,
} from '../../../session/gate-api.js';
import {
  displayedGateState,
  type GateHealth,
  type HealthAspect,
  healthLevel,
} from '../../../session/gate-health.js';
import {type Finding, okFinding, warningFinding} from './finding.js';
import {softwareAdvice} from './software-advice.js';

/** Clock skew, in milliseconds, above which timestamps of records and the journal are hard to compare. */
const maxClockSkewMs = 2000;

/** Features that don't work, or work with limits, when a gate lacks a function. */
const featuresByFunction: Readonly<Partial<Record<GateFunction, string>>> = {
  GatectlInfo: 'gates info',
  GatectlList: 'sessions list, top, snapshots and bulk writes',
  GatectlFind: 'find by uid',
  GatectlConnections: 'sessions top --by waiting, and queues and subscriptions in sessions get',
  GatectlCount: 'sessions count',
  GatectlStats: 'metrics and rates',
  GatectlWatch: 'sessions watch and live views',
  GatectlRecordGet: 'records get and diff',
  GatectlRecordPut: 'records set, expire and import',
  GatectlRecordDelete: 'records delete',
  GatectlRecordList: 'records list and export',
  GatectlDrain: 'gates drain without new connections',
  GatectlEdit: 'conditional edits on the gate',
  GatectlDeliver: 'send --qos 1',
};

/** Functions that a gate in Go can't have. Messages pushed by mqant are not acknowledged. */
const gatectlGateFunctions: readonly GateFunction[] = ['GatectlDeliver'];

/** Checks the functions, state and clock of a gate. `askedAt` is the local time of the call, `ms` how long it took. */
export function* gateFindings(
  info: GateInfo,
  askedAt: number,
  ms: number,
): Generator<Finding, void, undefined> {
  yield functionsFinding(info);
  const {nodeId} = info;
  if (info.state === 'draining')
    yield warningFinding(
      'drain',
      nodeId,
      `${displayedGateState(info)}: refuses new sessions, ${info.sessions} left`,
      `gatectl gates resume ${nodeId}`,
    );
  if (info.health !== undefined) yield* healthFindings(nodeId, info.health);
  const skew = Math.round(info.now - (askedAt + ms / 2));
  if (Math.abs(skew) <= maxClockSkewMs + ms / 2) yield okFinding('clock', nodeId, `skew ${skew} ms`);
  else {
    const detail = `${formatDuration(Math.abs(skew))} ${skew > 0 ? 'ahead' : 'behind'}`;
    yield warningFinding(
      'clock',
      nodeId,
      detail,
      'synchronize the clock with NTP; session ages are not affected',
    );
  }
}

/** Returns the finding for a node that did not answer GatectlInfo, according to its role. */
export function missingInfoFinding({node, role, reason, message = ''}: GateOutcome): Finding {
  switch (role) {
    case 'stock-gate':
      return warningFinding(
        'functions',
        node,
        'stock mqant gate: commands by session id work; list, count, find by uid, events and records do not',
        'to add the missing functions: gatectl addon install <folder>; to list sessions without them: --stock-store <url>, --stock-tap 5s',
      );
    case 'other':
      return {
        ...warningFinding(
          'functions',
          node,
          message,
          'to choose the gates: --gate-type; for forks see docs/operators.md',
        ),
        state: 'fail',
        exitCode: ExitCode.partial,
      };
    default:
      return warningFinding(
        'functions',
        node,
        reason === 'unsupported' ? message : 'did not report its functions',
        'gatectl gates info',
      );
  }
}

function functionsFinding(info: GateInfo): Finding {
  const {nodeId, software, softwareVersion, protocol, functions} = info;
  if (protocol !== extensionProtocolVersion) {
    const detail = `protocol ${protocol}, but this gatectl uses protocol ${extensionProtocolVersion}`;
    return warningFinding('functions', nodeId, detail, 'use the same version of gatectl and gate');
  }
  const up = formatDuration(info.now - info.startedAt);
  const about = `${software} ${softwareVersion}, ${info.sessions} sessions, up ${up}`;
  const missing = extensionFunctions.filter((name) => !functions.includes(name));
  if (missing.length === 0) return okFinding('functions', nodeId, about);
  const without = missing.map((name) => {
    const what = featuresByFunction[name];
    return what === undefined ? name : `${name} (${what})`;
  });
  const detail = `${about}; without ${without.join(', ')}`;
  if (missing.every((name) => gatectlGateFunctions.includes(name)))
    return okFinding('functions', nodeId, detail);
  return warningFinding('functions', nodeId, detail, softwareAdvice(software).updateAdvice);
}

/** The next step when a value of the gate's health is above its threshold. */
const healthAdvice: Readonly<Record<HealthAspect, string>> = {
  loopDelayMs: 'check the load of the machine, and hooks of the project that compute for long',
  waitingBytes: 'check the network of the machine, and what is sent to all clients',
  heapShare: 'add a gate, or raise NODE_OPTIONS=--max-old-space-size=<MiB>',
};

/** Yields a warning for each value above its threshold; else one finding with all values. */
function* healthFindings(nodeId: string, health: GateHealth): Generator<Finding, void, undefined> {
  const texts = healthTexts(health);
  const known = (Object.keys(healthAdvice) as HealthAspect[]).filter((aspect) => texts[aspect] !== undefined);
  const high = known.filter((aspect) => healthLevel(health, aspect) !== undefined);
  for (const aspect of high)
    yield warningFinding('health', nodeId, texts[aspect] ?? '', healthAdvice[aspect]);
  if (high.length > 0 || known.length === 0) return;
  yield okFinding('health', nodeId, known.map((aspect) => texts[aspect]).join(', '));
}

function healthTexts(health: GateHealth): Readonly<Record<HealthAspect, string | undefined>> {
  const {waitingBytes, loopDelayMs, residentBytes, heapBytes, heapLimitBytes} = health;
  const limit = heapLimitBytes === undefined ? '' : ` of ${formatBytes(heapLimitBytes)}`;
  const resident = residentBytes === undefined ? '' : `, ${formatBytes(residentBytes)} in RAM`;
  return {
    loopDelayMs: loopDelayMs === undefined ? undefined : `event loop held for up to ${loopDelayMs} ms`,
    waitingBytes:
      waitingBytes === undefined ? undefined : `${formatBytes(waitingBytes)} wait for slow clients`,
    heapShare: heapBytes === undefined ? undefined : `heap ${formatBytes(heapBytes)}${limit}${resident}`,
  };
}
