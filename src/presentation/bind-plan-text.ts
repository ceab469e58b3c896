import {missingGatesText} from '../cluster/read/gather.js';
import type {BindPlan} from '../cluster/write/bind-plan.js';
import type {DuplicateUidPolicy} from '../cluster/write/execute-bind.js';
import type {ItemFields} from '../output/formats/presenter.js';
import {formatPlural} from '../output/text/humanize.js';
import type {StringBag} from '../session/session.js';

/** Returns the effects of a bind, as fields for `--dry-run`. */
export function bindPlanFields(plan: BindPlan, duplicate: DuplicateUidPolicy): ItemFields {
  const {node, session, uid, merge, clear, recordUnknown, others} = plan;
  const {comesIn, kept, leaks} = merge;
  const references = others.rows.map((row) => `${row.node}/${row.session.sessionId}`);
  const isComplete = others.outcomes.every(({status}) => status === 'ok');
  return {
    id: `${node.id}/${session.sessionId}`,
    fields: [
      ['id', session.sessionId],
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

const policyTexts: Readonly<Record<DuplicateUidPolicy, string>> = {
  allow: 'binds, leaving duplicate sessions',
  refuse: 'refuses to bind',
  takeover: 'closes the duplicate sessions, then binds',
};

interface BindWarnings {
  readonly notices: readonly string[];
  readonly warnings: readonly string[];
}

/** Returns one line for each effect of a bind that the operator should know of beforehand. */
export function bindWarnings(plan: BindPlan): BindWarnings {
  const {uid, session, merge, clear, recordUnknown, others} = plan;
  const {comesIn, kept, leaks} = merge;
  const notices: string[] = [];
  const warnings: string[] = [];
  if (clear)
    notices.push(
      `first removes ${formatPlural(Object.keys(session.settings).length, 'setting')} of the session`,
    );
  if (Object.keys(comesIn).length > 0) notices.push(`loads ${namesIn(comesIn)} from the record of "${uid}"`);
  for (const {key, connection, record} of kept)
    notices.push(`keeps "${key}" as ${quoted(connection)}; overwrites ${quoted(record)} in the record`);
  if (recordUnknown !== undefined)
    warnings.push(`cannot tell what the record of "${uid}" adds: ${recordUnknown}`);
  if (Object.keys(leaks).length > 0)
    warnings.push(
      `${namesIn(leaks)} of "${session.userId}" would be stored in the record of "${uid}"; to prevent this: --clear-settings`,
    );
  for (const row of others.rows)
    warnings.push(
      `duplicate uid: "${uid}" is also bound to ${row.node}/${row.session.sessionId}; see --duplicate`,
    );
  if (others.outcomes.some(({status}) => status === 'failed'))
    warnings.push(`"${uid}" may have other sessions: ${missingGatesText(others.outcomes)}`);
  return {notices, warnings};
}

const quoted = (value: string): string =>
  JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);

const maxNames = 10;

function namesIn(bag: StringBag): string {
  const names = Object.keys(bag).sort();
  const some = names.slice(0, maxNames).map((name) => `"${name}"`);
  const more = names.length > maxNames ? [`${names.length - maxNames} more`] : [];
  return [...some, ...more].join(', ');
}
