import {missingGatesText} from '../cluster/read/gather.js';
import type {BindPlan} from '../cluster/write/bind-plan.js';
import type {DuplicatePolicy} from '../cluster/write/bind-policy.js';
import type {Fields} from './fields.js';

/** Returns what a bind would do, for `--dry-run`. */
export function bindPlanFields(plan: BindPlan, duplicate: DuplicatePolicy): Fields {
  const {node, session, uid, merge, clear, recordUnknown, others} = plan;
  const {comesIn, kept, leaks} = merge;
  const references = others.rows.map((row) => `${row.node}/${row.session.sessionId}`);
  const isComplete = others.outcomes.every(({status}) => status === 'ok');
  return {
    id: `${node.id}/${session.sessionId}`,
    fields: [
      ['session', session.sessionId],
      ['gate', node.id],
      ['uid', `${session.userId || '(none)'} -> ${uid}`],
      ['removed first', listText(Object.keys(clear ? session.settings : {}))],
      ['loaded from record', recordUnknown ?? listText(Object.entries(comesIn).map(pair))],
      ['kept', listText(kept.map(({key, connection, record}) => `${key}=${connection}, not ${record}`))],
      ['leaks', listText(Object.entries(leaks).map(pair))],
      ['duplicates', listText(isComplete ? references : [...references, missingGatesText(others.outcomes)])],
      ['result', references.length === 0 ? 'binds' : policyTexts[duplicate]],
    ],
    record: {
      would: true,
      id: session.sessionId,
      gate: node.id,
      uidBefore: session.userId,
      uid,
      cleared: clear,
      comesIn,
      kept,
      leaks,
      recordUnknown: recordUnknown ?? null,
      duplicate,
      duplicates: references,
      duplicatesComplete: isComplete,
    },
  };
}

const pair = ([key, value]: readonly [string, string]): string => `${key}=${value}`;
const listText = (texts: readonly string[]): string => (texts.length === 0 ? '-' : texts.join(', '));

const policyTexts: Readonly<Record<DuplicatePolicy, string>> = {
  allow: 'binds, leaving duplicate sessions',
  refuse: 'refuses to bind',
  takeover: 'closes the duplicate sessions, then binds',
};
