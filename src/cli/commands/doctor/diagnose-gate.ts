import {ExitCode} from '../../../base/errors.js';
import type {GateOutcome} from '../../../cluster/cluster.js';
import {duration} from '../../../output/text/humanize.js';
import {
  extensionFunctions,
  type GateFunction,
  type GateInfo,
  protocolVersion,
} from '../../../session/gate-api.js';
import {type Finding, okFinding, warningFinding} from './finding.js';
import {softwareFacts} from './software-facts.js';

/** A clock that is further off makes ages of records and the journal hard to compare (milliseconds). */
const maxClockSkewMs = 2000;

/** What does not work, or only by a detour, where a gate has not got the function. */
const featuresByFunction: Readonly<Partial<Record<GateFunction, string>>> = {
  GatectlInfo: 'gates info',
  GatectlList: 'sessions list, top, snapshots and writes on many',
  GatectlFind: 'finding by uid',
  GatectlCount: 'sessions count',
  GatectlStats: 'metrics and rates',
  GatectlWatch: 'sessions watch and live views',
  GatectlRecordGet: 'records get and diff',
  GatectlRecordPut: 'records set, expire and import',
  GatectlRecordDelete: 'records delete',
  GatectlRecordList: 'records list and export',
  GatectlEdit: 'edits decided by the gate',
};

/** Compares what a gate says of itself with what gates can do; the answer came within `ms` of the question. */
export function* gateFindings(
  info: GateInfo,
  askedAt: number,
  ms: number,
): Generator<Finding, void, undefined> {
  yield functionsFinding(info);
  const {nodeId} = info;
  const skew = Math.round(info.now - (askedAt + ms / 2));
  if (Math.abs(skew) <= maxClockSkewMs + ms / 2) yield okFinding('clock', nodeId, `${skew} ms off`);
  else {
    const detail = `${duration(Math.abs(skew))} ${skew > 0 ? 'ahead' : 'behind'}`;
    yield warningFinding('clock', nodeId, detail, 'let NTP set it; ages of sessions are right all the same');
  }
}

/** A node that did not describe itself, by what it is. */
export function missingInfoFinding({node, role, reason, message = ''}: GateOutcome): Finding {
  switch (role) {
    case 'stock-gate':
      return warningFinding(
        'functions',
        node,
        'a stock mqant gate: everything by session id works; no listing, counting, finding by uid, events or records',
        'attach the add-on to the gate; records of its store: --store redis://…',
      );
    case 'other':
      return {
        ...warningFinding(
          'functions',
          node,
          message,
          'choose gates by --gate-type; a fork: see docs/operators.md',
        ),
        state: 'fail',
        exitCode: ExitCode.partial,
      };
    default:
      return warningFinding(
        'functions',
        node,
        reason === 'unsupported' ? message : 'did not say what it can do',
        'gatectl gates info',
      );
  }
}

function functionsFinding(info: GateInfo): Finding {
  const {nodeId, software, softwareVersion, protocol, functions} = info;
  if (protocol !== protocolVersion) {
    const detail = `speaks protocol ${protocol}, this gatectl ${protocolVersion}`;
    return warningFinding('functions', nodeId, detail, 'use like versions');
  }
  const up = duration(info.now - info.startedAt);
  const about = `${software} ${softwareVersion}, ${info.sessions} sessions, up ${up}`;
  const missing = extensionFunctions.filter((name) => !functions.includes(name));
  if (missing.length === 0) return okFinding('functions', nodeId, about);
  const without = missing.map((name) => {
    const what = featuresByFunction[name];
    return what === undefined ? name : `${name} (${what})`;
  });
  return warningFinding(
    'functions',
    nodeId,
    `${about}; without ${without.join(', ')}`,
    softwareFacts(software).updateAdvice,
  );
}
