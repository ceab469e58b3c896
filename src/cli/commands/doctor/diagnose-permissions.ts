import type {ClusterNode, ClusterProbe} from '../../../cluster/cluster.js';
import {type Finding, okFinding, warningFinding} from './finding.js';

/** What this operator may do: by NATS, and by gatectl itself. */
export function* permissionFindings(
  {permissions, inboxHint}: ClusterProbe,
  gates: readonly ClusterNode[],
  readOnly: string | undefined,
): Generator<Finding, void, undefined> {
  // what was asked are the subjects of our gates: they say nothing of gates that have one address for all functions
  const isAbout = gates.length === 0 || gates.some(({subjectPerFunction}) => subjectPerFunction);
  if (permissions !== undefined && isAbout) yield natsFinding(permissions);
  if (inboxHint !== undefined)
    yield warningFinding('permissions', 'inbox', 'gates may not answer under this --inbox-prefix', inboxHint);
  if (readOnly !== undefined) yield okFinding('permissions', 'gatectl', `read-only, by ${readOnly}`);
  for (const {id, subjectPerFunction} of gates) {
    if (subjectPerFunction) continue;
    yield warningFinding(
      'permissions',
      id,
      'one address for all functions: NATS cannot tell reading from writing',
      'read-only is kept by gatectl alone here (--read-only, context)',
    );
  }
}

function natsFinding({deniedReads, deniedWrites}: NonNullable<ClusterProbe['permissions']>): Finding {
  const denied = [...deniedReads, ...deniedWrites];
  if (denied.length === 0) return okFinding('permissions', 'NATS', 'every function of a gate may be called');
  const detail = `may not call ${denied.join(', ')}`;
  if (deniedReads.length === 0) return okFinding('permissions', 'NATS', detail);
  return warningFinding('permissions', 'NATS', detail, 'to read everything: gatectl doctor --permissions');
}
