import {missingGatesText} from '../cluster/read/gather.js';
import type {BindPlan} from '../cluster/write/bind-plan.js';
import {plural} from '../output/text/humanize.js';
import type {StringBag} from '../session/session.js';

export interface BindWarnings {
  readonly notices: readonly string[];
  readonly warnings: readonly string[];
}

/** What there is to know before a bind, in lines for people. */
export function bindWarnings(plan: BindPlan): BindWarnings {
  const {uid, session, merge, clear, recordUnknown, others} = plan;
  const {comesIn, kept, leaks} = merge;
  const notices: string[] = [];
  const warnings: string[] = [];
  if (clear)
    notices.push(`removed first: ${plural(Object.keys(session.settings).length, 'setting')} of the session`);
  if (Object.keys(comesIn).length > 0) notices.push(`the record of "${uid}" brings in ${namesIn(comesIn)}`);
  for (const {key, connection, record} of kept)
    notices.push(
      `"${key}" stays ${quoted(connection)}; the record has ${quoted(record)} and is written over`,
    );
  if (recordUnknown !== undefined)
    warnings.push(`what the record of "${uid}" brings in is not known: ${recordUnknown}`);
  if (Object.keys(leaks).length > 0)
    warnings.push(
      `${namesIn(leaks)} of "${session.userId}" go into the record of "${uid}" (not with --clear-settings)`,
    );
  for (const row of others.rows)
    warnings.push(`duplicate uid: "${uid}" is bound to ${row.node}/${row.session.sessionId} (--duplicate)`);
  if (others.outcomes.some(({status}) => status === 'failed'))
    warnings.push(`other sessions of "${uid}" may be there: ${missingGatesText(others.outcomes)}`);
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
