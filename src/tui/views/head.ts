import {duration, grouped, plural} from '../../output/human.js';
import {totalsOf} from '../selectors.js';
import type {State} from '../state.js';
import {tabsOf} from '../tabs.js';
import {dim, type Line, line, type Pen, type Span, safe, spread, toned, widthOf} from '../text/line.js';

/** Which cluster this is, and how far what is shown can be trusted. */
export function headLine(state: State, pen: Pen): Line {
  const {about, size} = state;
  const name = about.context === undefined ? safe(about.server) : safe(about.context);
  const readOnly = about.readOnly === undefined ? undefined : toned('warn', ' READ-ONLY');
  const left = line(toned('head', ' gatectl '), {text: ` ${name}`, tone: 'strong'}, readOnly);
  const counts = countsText(state);
  const rights = [
    line(trust(state), dim(`  ${counts}  `), `${timeOf(state.now)} `),
    line(trust(state), dim(`  ${counts} `)),
    line(trust(state), ' '),
  ];
  const isNew = state.link.state === 'connecting'; // then nothing is known of anybody
  const fitting = (isNew ? rights.slice(2) : rights).find(
    (right) => widthOf(left, pen) + widthOf(right, pen) < size.columns,
  );
  return spread(left, fitting ?? line(trust(state)), size.columns, pen);
}

/** What silent gates last had is counted too, and said to be. */
function countsText(state: State): string {
  const {sessions, bound, live, lastKnown, isCounted} = totalsOf(state);
  if (live === 0 && sessions > 0)
    return `last known: ${plural(sessions, 'session')}, ${grouped(bound)} bound`;
  const all = plural(sessions + lastKnown.sessions, 'session');
  const old = lastKnown.sessions === 0 ? '' : ` (${grouped(lastKnown.sessions)} last known)`;
  return `${isCounted ? '' : 'at least '}${all}${old}, ${grouped(bound + lastKnown.bound)} bound`;
}

function trust(state: State): Span {
  const {link, now} = state;
  if (link.state === 'connecting') return toned('warn', '~ connecting …');
  const lostFor = duration(now - link.since);
  if (link.isRefused === true) return toned('bad', `! SIGN-IN REFUSED ${lostFor}`);
  if (link.state === 'lost') return toned('bad', `! RECONNECTING ${lostFor}`);
  const {gates, live} = totalsOf(state);
  if (gates === 0) return toned('warn', '! no gate');
  if (live === gates) return toned('good', `* live, ${plural(gates, 'gate')}`);
  return toned('bad', `! PARTIAL, ${live} of ${plural(gates, 'gate')}`);
}

/** Of the operator's own day, to the second. */
export function timeOf(unixMs: number): string {
  const at = new Date(unixMs);
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

export function tabLine(state: State): Line {
  return {
    spans: tabsOf(state).map(({text, isActive}) => ({text, tone: isActive ? 'head' : 'dim'}) as const),
  };
}
