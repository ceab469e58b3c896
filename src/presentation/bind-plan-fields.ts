import {missingGatesText} from '../cluster/read/gather.js';
import type {BindPlan} from '../cluster/write/bind-plan.js';
import type {DuplicatePolicy} from '../cluster/write/bind-policy.js';
import type {Fields} from './fields.js';

/** What a bind would do, for a dry run. */
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
      ['removed first', listed(Object.keys(clear ? session.settings : {}))],
      ['comes in', recordUnknown ?? listed(Object.entries(comesIn).map(pair))],
      ['stays', listed(kept.map(({key, connection, record}) => `${key}=${connection}, not ${record}`))],
      ['leaks', listed(Object.entries(leaks).map(pair))],
      ['duplicates', listed(isComplete ? references : [...references, missingGatesText(others.outcomes)])],
      ['then', references.length === 0 ? 'the bind is done' : policyTexts[duplicate]],
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
const listed = (texts: readonly string[]): string => (texts.length === 0 ? '-' : texts.join(', '));

const policyTexts: Readonly<Record<DuplicatePolicy, string>> = {
  allow: 'the bind is done, and there are duplicates',
  refuse: 'the bind is refused',
  takeover: 'the duplicates are closed, and the bind is done',
};
