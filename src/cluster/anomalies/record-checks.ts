import {NoSessionError} from '../../base/errors.js';
import type {ClusterNode} from '../../registry/registry.js';
import type {ClusterReader, LiveCluster} from '../cluster.js';
import {callFailureReasonOf} from '../read/gather.js';
import type {LocatedRecord, RecordReader} from '../records/record-access.js';
import type {Listing} from '../result-types.js';
import type {AnomalyCollector} from './anomaly.js';
import type {SeenSessions} from './session-checks.js';

/** Maximum number of records whose session is looked up on its gate. */
const maxLookups = 5000;
/** Number of concurrent lookups. */
const maxConcurrent = 16;

interface RecordCheckOptions {
  /** Gates to read records through; undefined if a store is read directly. */
  readonly holders: readonly string[] | undefined;
  readonly live: LiveCluster | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Compares records with the sessions seen. A session counts as missing only after its gate has confirmed that. */
export async function checkRecords(
  cluster: ClusterReader,
  records: RecordReader,
  seen: SeenSessions,
  findings: AnomalyCollector,
  {holders, live, signal}: RecordCheckOptions,
): Promise<{readonly count: number; readonly listing: Listing<LocatedRecord>}> {
  const nodes = new Map((await cluster.gates()).map((node) => [node.id, node]));
  const ghosts = new GhostCheck(live, seen, findings);
  let count = 0;
  const listing = await records.list({gates: holders, signal});
  for await (const record of listing.rows) {
    count += 1;
    const {session} = record;
    if (session === undefined) {
      findings.add(undecodable(record));
      continue;
    }
    const node = nodes.get(session.serverId);
    if (node === undefined) findings.add(orphan(record, session.serverId, seen));
    else if (!seen.references.has(`${node.id}/${session.sessionId}`)) {
      await ghosts.suspect({uid: record.uid, sessionId: session.sessionId, node});
    }
  }
  await ghosts.ask();
  ghosts.conclude();
  return {count, listing};
}

function undecodable({uid, node, undecodable: reason = ''}: LocatedRecord) {
  return {
    check: 'undecodable',
    severity: 'medium',
    subject: uid,
    evidence: `read by ${node}: ${reason}`,
    sessions: [],
    next: ['records', 'get', uid],
  } as const;
}

/**
 * Returns a severity and a text for a finding, depending on whether the user is online with another session. The gate
 * that next reads the record would not notice that session.
 */
const elsewhere = (uid: string, {uids}: SeenSessions) =>
  uids.has(uid)
    ? ({severity: 'medium', but: '; the user is online with another session'} as const)
    : ({severity: 'low', but: ''} as const);

function orphan({uid}: LocatedRecord, serverId: string, seen: SeenSessions) {
  const {severity, but} = elsewhere(uid, seen);
  const evidence =
    serverId === ''
      ? `the record names no gate${but}`
      : `the record names "${serverId}", which is not a gate of this cluster${but}`;
  return {
    check: 'orphan',
    severity,
    subject: uid,
    evidence,
    sessions: [],
    next: ['records', 'diff', uid],
  } as const;
}

interface Suspect {
  readonly uid: string;
  readonly sessionId: string;
  readonly node: ClusterNode;
}

/** Looks up sessions that records name and the listing did not contain. They may have connected after the listing. */
class GhostCheck {
  private waiting: Suspect[] = [];
  private asked = 0;
  private unasked = 0;
  private unanswered = 0;

  constructor(
    private readonly live: LiveCluster | undefined,
    private readonly seen: SeenSessions,
    private readonly findings: AnomalyCollector,
  ) {}

  async suspect(suspect: Suspect): Promise<void> {
    if (!this.findings.wants('ghost')) return;
    if (this.live === undefined || this.asked >= maxLookups) {
      this.unasked += 1;
      return;
    }
    this.asked += 1;
    this.waiting.push(suspect);
    if (this.waiting.length >= maxConcurrent) await this.ask();
  }

  async ask(): Promise<void> {
    const asked = this.waiting;
    this.waiting = [];
    await Promise.all(asked.map((suspect) => this.askOne(suspect)));
  }

  conclude(): void {
    const {unasked, unanswered} = this;
    if (unasked > 0)
      this.findings.note('ghost', `${unasked} more records name unlisted sessions and were not checked`);
    if (unanswered > 0)
      this.findings.note('ghost', `${unanswered} records were not checked: the gate did not answer`);
  }

  private async askOne({uid, sessionId, node}: Suspect): Promise<void> {
    try {
      await this.live?.gate(node).update(sessionId);
    } catch (error) {
      if (!(error instanceof NoSessionError)) {
        if (callFailureReasonOf(error) === undefined) throw error;
        this.unanswered += 1;
        return;
      }
      const {severity, but} = elsewhere(uid, this.seen);
      const reference = `${node.id}/${sessionId}`;
      const evidence = `the record names ${reference}, which the gate does not have${but}`;
      const next = severity === 'low' ? ['records', 'get', uid] : ['records', 'diff', uid];
      this.findings.add({check: 'ghost', severity, subject: uid, evidence, sessions: [reference], next});
    }
  }
}
