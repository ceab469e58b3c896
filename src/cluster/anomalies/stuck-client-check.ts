import type {ObservedSessionRow} from '../../session/session.js';
import type {LiveCluster} from '../cluster.js';
import type {GateOutcome} from '../result-types.js';
import type {AnomalyCollector} from './anomaly.js';
import type {SessionCheckOptions} from './session-checks.js';

/** Minimum wait of the oldest packet; with less, the client may only be slow. */
const stuckAfterMs = 60_000;

/** Finds clients that do not read: per gate, the 1,000 whose oldest packet waits longest. `live` is undefined for a snapshot. */
export async function checkStuckClients(
  live: LiveCluster | undefined,
  findings: AnomalyCollector,
  {gates, signal}: Pick<SessionCheckOptions, 'gates' | 'signal'>,
): Promise<readonly GateOutcome[]> {
  if (!findings.wants('stuck')) return [];
  if (live === undefined) {
    findings.skip(['stuck'], 'a snapshot does not know what waits for clients');
    return [];
  }
  const {results, outcomes} = await live.each((gate) => gate.connections({sort: 'oldest'}, {signal}), {
    gates,
  });
  for (const [node, {rows, now = Date.now()}] of results)
    for (const row of rows) checkRow(node, row, now, findings);
  const unable = outcomes.filter(({reason}) => reason === 'unsupported');
  const names = unable.map(({node}) => node).join(', ');
  if (unable.length > 0 && unable.length === outcomes.length)
    findings.skip(['stuck'], `${names} cannot tell what waits for clients`);
  else if (unable.length > 0) findings.note('stuck', `${names} cannot tell what waits for clients`);
  return outcomes.filter((outcome) => !unable.includes(outcome));
}

function checkRow(
  node: string,
  {session, connectionState}: ObservedSessionRow,
  now: number,
  findings: AnomalyCollector,
): void {
  const {waitingBytes = 0, oldestWaitingAt = now} = connectionState ?? {};
  const waitedMs = now - oldestWaitingAt;
  if (waitedMs < stuckAfterMs) return;
  const subject = `${node}/${session.sessionId}`;
  findings.add({
    check: 'stuck',
    severity: 'medium',
    subject,
    evidence: `does not read: ${waitingBytes} bytes wait, the oldest for ${Math.floor(waitedMs / 1000)} s`,
    sessions: [subject],
    next: ['sessions', 'get', subject],
  });
}
