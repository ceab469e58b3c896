import {setTimeout as sleep} from 'node:timers/promises';
import {ConflictError, NegativeError, PartialError} from '../../base/errors.js';
import {withInitialSettings} from '../../session/bind-effect.js';
import {isEmptySettingsEdit, settingsEditBetween} from '../../session/settings-edit.js';
import type {Cluster, ClusterReader, ClusterWriter} from '../cluster.js';
import {incompleteError} from '../incomplete-error.js';
import type {SessionBeforeAfter} from '../result-types.js';
import {type BindPlan, findOtherSessions, type OtherSessionsOfUid} from './bind-plan.js';
import {editSettingsOnGate} from './session-writes.js';

/**
 * What to do if the uid has another session: `allow` keeps both, `refuse` rejects the bind, `takeover` closes the
 * other session.
 */
export type DuplicateUidPolicy = 'allow' | 'refuse' | 'takeover';

export const duplicateUidPolicies: readonly DuplicateUidPolicy[] = ['allow', 'refuse', 'takeover'];

interface BindOptions {
  readonly duplicate: DuplicateUidPolicy;
  /** How long to wait for other sessions to close, in milliseconds. */
  readonly waitMs?: number | undefined;
  /** For tests. */
  readonly wait?: ((ms: number) => Promise<void>) | undefined;
  readonly random?: (() => number) | undefined;
}

interface BindOutcome extends SessionBeforeAfter {
  /** Other sessions of the uid after the bind. */
  readonly others: OtherSessionsOfUid;
  /** Sessions that were closed for the bind, as `Gate@id/<session id>`. */
  readonly closed: readonly string[];
}

const maxAttempts = 12;

/**
 * Executes a plan. mqant has no lock on a uid, so `refuse` and `takeover` check all gates after the bind. On a
 * conflict, each bind is undone and retried after a random delay, so that exactly one of several concurrent binds of
 * a uid succeeds. Rejects with ConflictError if the uid is taken, and with PartialError if a gate does not reply.
 */
export async function executeBind(
  cluster: Cluster,
  plan: BindPlan,
  options: BindOptions,
): Promise<BindOutcome> {
  const {duplicate, waitMs = 10_000, wait = sleep, random = Math.random} = options;
  const closed: string[] = [];
  for (let attempt = 1; duplicate !== 'allow' && attempt <= maxAttempts; attempt += 1) {
    const found = await othersOf(cluster, plan);
    if (duplicate === 'refuse' && found.rows.length > 0) throw refusal(plan, found); // also if a gate did not answer
    const before = known(plan, found);
    if (before.rows.length > 0) {
      await cluster.locate(referenceOf(plan)); // a session that was closed itself must not close others
      closed.push(...(await closeAll(cluster, before, waitMs)));
    }
    const change = await bindNow(cluster, plan);
    const others = await othersOf(cluster, plan);
    if (others.rows.length === 0 && isAnswered(plan, others)) return {...change, others, closed};
    await undoBind(cluster, change);
    if (others.rows.length === 0) known(plan, others);
    await wait(Math.ceil(random() * 20 * 2 ** Math.min(attempt, 5)));
  }
  if (duplicate !== 'allow') throw new ConflictError(`gave up: others keep binding "${plan.uid}"`);
  const change = await bindNow(cluster, plan);
  return {...change, others: await othersOf(cluster, plan), closed};
}

const referenceOf = ({node, session}: BindPlan): string => `${node.id}/${session.sessionId}`;

const othersOf = (cluster: ClusterReader, {uid, session}: BindPlan): Promise<OtherSessionsOfUid> =>
  findOtherSessions(cluster, uid, session.sessionId);

/**
 * Returns the other sessions if every gate has replied, which `refuse` and `takeover` need; otherwise throws
 * PartialError.
 */
function known({uid}: BindPlan, others: OtherSessionsOfUid): OtherSessionsOfUid {
  if (others.outcomes.every(({status}) => status === 'ok')) return others;
  throw incompleteError(`cannot tell whether "${uid}" has another session`, others.outcomes, {
    hint: 'to skip the check: --duplicate allow',
  });
}

/**
 * Returns true if every gate has replied. The gate of the bound session may be a stock gate, which can't list the
 * uid's sessions; it had none before the bind.
 */
const isAnswered = ({node}: BindPlan, {outcomes}: OtherSessionsOfUid): boolean =>
  outcomes.every((one) => one.status === 'ok' || (one.node === node.id && one.reason === 'unsupported'));

function refusal({uid}: BindPlan, {rows}: OtherSessionsOfUid): ConflictError {
  const where = rows.map(({node, session}) => `${node}/${session.sessionId}`).join(', ');
  return new ConflictError(`"${uid}" is bound to ${where}`, {
    hint: 'to close the other: --duplicate takeover; to keep both: --duplicate allow',
  });
}

async function closeAll(
  cluster: ClusterWriter,
  {rows}: OtherSessionsOfUid,
  waitMs: number,
): Promise<readonly string[]> {
  const closing = rows.map(async ({node, session}) => {
    const reference = `${node}/${session.sessionId}`;
    const state = await cluster.kick(reference, {waitMs}).then((kicked) => kicked.state, ignoreGone);
    if (state === 'closed') return reference;
    throw new PartialError(`${reference} did not close in time; nothing was bound`, {
      hint: `gatectl sessions get ${reference}`,
    });
  });
  return await Promise.all(closing);
}

function ignoreGone(error: unknown): 'closed' {
  if (error instanceof NegativeError) return 'closed';
  throw error;
}

/** Binds. Settings are removed while no user is bound, so that they stay in the old user's record. */
async function bindNow(cluster: ClusterWriter, plan: BindPlan): Promise<SessionBeforeAfter> {
  const reference = referenceOf(plan);
  const {clear, session, uid} = plan;
  if (clear) {
    if (session.userId !== '') await cluster.unbind(reference);
    const edit = settingsEditBetween(session.settings, withInitialSettings(session).settings);
    if (!isEmptySettingsEdit(edit)) await cluster.editSettings(reference, edit);
  }
  const {node, after} = await cluster.bind(reference, uid);
  return {node, before: session, after};
}

/** Undoes a bind: removes the merged settings while no user is bound, then binds the old user again. */
async function undoBind(cluster: Cluster, {node, before, after}: SessionBeforeAfter): Promise<void> {
  const reference = `${node.id}/${before.sessionId}`;
  await cluster.unbind(reference);
  const edit = settingsEditBetween(after.settings, before.settings);
  if (!isEmptySettingsEdit(edit))
    await editSettingsOnGate(cluster.gate(node), before.sessionId, {...edit, expected: {}});
  if (before.userId !== '') await cluster.bind(reference, before.userId);
}
