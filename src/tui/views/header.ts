import {byteCount, duration, groupedDigits, plural} from '../../output/text/humanize.js';
import {alertText, tabsOf} from '../layout/tabs.js';
import {dirtyGates, totalsOf} from '../model/selectors.js';
import type {State} from '../model/state.js';
import {
  dim,
  type Line,
  line,
  type Pen,
  type Span,
  safeSpanText,
  spreadLine,
  widthOf,
  withTone,
} from '../text/line.js';

/**
 * Returns the header line in the context's colour; red for a protected context without a colour.
 */
export function headerLine(state: State, pen: Pen): Line {
  const {color, protectedName} = state.options;
  const frame = color ?? (protectedName === undefined ? undefined : 'red');
  const {spans} = headerText(state, pen);
  return frame === undefined ? {spans} : {spans: spans.map(({text}) => ({text})), tone: `frame-${frame}`};
}

/** Returns the cluster name, whether the data is complete, the counts and the time. */
function headerText(state: State, pen: Pen): Line {
  const {options, size} = state;
  const name = options.context === undefined ? safeSpanText(options.server) : safeSpanText(options.context);
  const readOnly = options.readOnlySource === undefined ? undefined : withTone('warn', ' READ-ONLY');
  const isProtected = options.protectedName !== undefined;
  const shownName: Span = {text: ` ${name}`, tone: isProtected ? 'bad' : 'strong'};
  const mark = isProtected ? withTone('bad', ' PROTECTED') : undefined;
  const left = line(withTone('head', ' gatectl '), shownName, mark, readOnly, dim(tapText(state)));
  const counts = countsText(state);
  const rights = [
    line(trust(state), dim(`  ${counts}  `), `${localTime(state.now)} `),
    line(trust(state), dim(`  ${counts} `)),
    line(trust(state), ' '),
  ];
  const isNew = state.link.state === 'connecting'; // no counts are known yet
  const fitting = (isNew ? rights.slice(2) : rights).find(
    (right) => widthOf(left, pen) + widthOf(right, pen) < size.columns,
  );
  return spreadLine(left, fitting ?? line(trust(state)), size.columns, pen);
}

/** Returns the counts, which include the last known sessions of silent gates, labelled as such. */
function countsText(state: State): string {
  const {sessions, bound, live, lastKnown, isCounted} = totalsOf(state);
  if (live === 0 && sessions > 0)
    return `last known: ${plural(sessions, 'session')}, ${groupedDigits(bound)} bound`;
  const all = plural(sessions + lastKnown.sessions, 'session');
  const old = lastKnown.sessions === 0 ? '' : ` (${groupedDigits(lastKnown.sessions)} last known)`;
  return `${isCounted ? '' : 'at least '}${all}${old}, ${groupedDigits(bound + lastKnown.bound)} bound`;
}

/** Returns the traffic read by the tap for stock gates; empty without a tap. */
function tapText({tap}: State): string {
  if (tap === undefined) return '';
  const {messagesPerSecond, bytesPerSecond} = tap;
  return ` tap ${groupedDigits(Math.round(messagesPerSecond))} msg/s ${byteCount(bytesPerSecond)}/s`;
}

function trust(state: State): Span {
  const {link, now} = state;
  if (link.state === 'connecting') return withTone('warn', '~ connecting …');
  const lostFor = duration(now - link.since);
  if (link.isRefused === true) return withTone('bad', `! CREDENTIALS REFUSED ${lostFor}`);
  if (link.state === 'lost') return withTone('bad', `! RECONNECTING ${lostFor}`);
  const {gates, live} = totalsOf(state);
  if (gates === 0) return withTone('warn', '! no gate');
  const dirty = dirtyGates(state);
  if (live === gates && dirty > 0)
    return withTone('warn', `! ${plural(dirty, 'gate')} of ${gates} not storing`);
  if (live === gates) return withTone('good', `* live, ${plural(gates, 'gate')}`);
  return withTone('bad', `! PARTIAL, ${live} of ${plural(gates, 'gate')}`);
}

/** Formats the local time of day as hours, minutes and seconds. */
export function localTime(unixMs: number): string {
  const at = new Date(unixMs);
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

/** Returns the tabs and, on the right, warnings. */
export function tabLine(state: State, pen: Pen): Line {
  const tabs = tabsOf(state).map(({text, isActive}) => ({text, tone: isActive ? 'head' : 'dim'}) as const);
  const alert = alertText(state);
  if (alert === undefined) return {spans: tabs};
  return spreadLine({spans: tabs}, line(withTone('alert', alert)), state.size.columns, pen);
}
