import type {ClusterNode, ClusterProbe} from '../../../cluster/cluster.js';
import {type Finding, okFinding, warningFinding} from './finding.js';

/** Reports what NATS permissions and gatectl's settings allow this operator. */
export function* permissionFindings(
  {permissions, inboxHint}: ClusterProbe,
  gates: readonly ClusterNode[],
  readOnly: string | undefined,
): Generator<Finding, void, undefined> {
  // the probe tests per-function subjects, so it says nothing about gates that use a single subject
  const applies = gates.length === 0 || gates.some(({subjectPerFunction}) => subjectPerFunction);
  if (permissions !== undefined && applies) yield natsFinding(permissions);
  if (inboxHint !== undefined)
    yield warningFinding('permissions', 'inbox', 'gates may not reply with this --inbox-prefix', inboxHint);
  if (readOnly !== undefined) yield okFinding('permissions', 'gatectl', `read-only, set by ${readOnly}`);
  for (const {id, subjectPerFunction} of gates) {
    if (subjectPerFunction) continue;
    yield warningFinding(
      'permissions',
      id,
      'one subject for all functions: NATS cannot tell reads from writes',
      'only gatectl itself enforces read-only here (--read-only, context)',
    );
  }
}

function natsFinding({deniedReads, deniedWrites}: NonNullable<ClusterProbe['permissions']>): Finding {
  const denied = [...deniedReads, ...deniedWrites];
  if (denied.length === 0) return okFinding('permissions', 'NATS', 'may call every gate function');
  const detail = `may not call ${denied.join(', ')}`;
  if (deniedReads.length === 0) return okFinding('permissions', 'NATS', detail);
  return warningFinding(
    'permissions',
    'NATS',
    detail,
    'to print the required permissions: gatectl doctor --permissions',
  );
}
