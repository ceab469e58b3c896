import {formatBytes, formatCount, formatDuration, formatPlural} from '../../output/text/humanize.js';
import {tabLineAlert, tabLineTabs} from '../layout/tab-line.js';
import {clusterTotals, failingStorageCount} from '../model/derived-state.js';
import type {State} from '../model/state.js';
import {
  type DrawStyle,
  dimSpan,
  joinLeftAndRight,
  type Line,
  lineOf,
  type Span,
  safeSpanText,
  tonedSpan,
  widthOfLine,
} from '../text/line.js';

/**
 * Returns the header line in the context's colour; red for a protected context without a colour.
 */
export function headerLine(state: State, style: DrawStyle): Line {
  const {color, protectedName} = state.options;
  const frame = color ?? (protectedName === undefined ? undefined : 'red');
  const {spans} = headerText(state, style);
  return frame === undefined ? {spans} : {spans: spans.map(({text}) => ({text})), tone: `frame-${frame}`};
}

/** Returns the cluster name, whether the data is complete, the counts and the time. */
function headerText(state: State, style: DrawStyle): Line {
  const {options, size} = state;
  const name = options.context === undefined ? safeSpanText(options.server) : safeSpanText(options.context);
  const readOnly = options.readOnlySource === undefined ? undefined : tonedSpan('warn', ' READ-ONLY');
  const isProtected = options.protectedName !== undefined;
  const shownName: Span = {text: ` ${name}`, tone: isProtected ? 'bad' : 'strong'};
  const mark = isProtected ? tonedSpan('bad', ' PROTECTED') : undefined;
  const left = lineOf(tonedSpan('head', ' gatectl '), shownName, mark, readOnly, dimSpan(tapText(state)));
  const counts = countsText(state);
  const rights = [
    lineOf(trust(state), dimSpan(`  ${counts}  `), `${localTimeOfDay(state.now)} `),
    lineOf(trust(state), dimSpan(`  ${counts} `)),
    lineOf(trust(state), ' '),
  ];
  const isNew = state.link.state === 'connecting'; // no counts are known yet
  const fitting = (isNew ? rights.slice(2) : rights).find(
    (right) => widthOfLine(left, style) + widthOfLine(right, style) < size.columns,
  );
  return joinLeftAndRight(left, fitting ?? lineOf(trust(state)), size.columns, style);
}

/** Returns the counts, which include the last known sessions of silent gates, labelled as such. */
function countsText(state: State): string {
  const {sessions, bound, live, lastKnown, isCounted} = clusterTotals(state);
  if (live === 0 && sessions > 0)
    return `last known: ${formatPlural(sessions, 'session')}, ${formatCount(bound)} bound`;
  const all = formatPlural(sessions + lastKnown.sessions, 'session');
  const old = lastKnown.sessions === 0 ? '' : ` (${formatCount(lastKnown.sessions)} last known)`;
  return `${isCounted ? '' : 'at least '}${all}${old}, ${formatCount(bound + lastKnown.bound)} bound`;
}

/** Returns the traffic read by the tap for stock gates; empty without a tap. */
function tapText({tap}: State): string {
  if (tap === undefined) return '';
  const {messagesPerSecond, bytesPerSecond} = tap;
  return ` tap ${formatCount(Math.round(messagesPerSecond))} msg/s ${formatBytes(bytesPerSecond)}/s`;
}

function trust(state: State): Span {
  const {link, now} = state;
  if (link.state === 'connecting') return tonedSpan('warn', '~ connecting …');
  const lostFor = formatDuration(now - link.since);
  if (link.isRefused === true) return tonedSpan('bad', `! CREDENTIALS REFUSED ${lostFor}`);
  if (link.state === 'lost') return tonedSpan('bad', `! RECONNECTING ${lostFor}`);
  const {gates, live} = clusterTotals(state);
  if (gates === 0) return tonedSpan('warn', '! no gate');
  const dirty = failingStorageCount(state);
  if (live === gates && dirty > 0)
    return tonedSpan('warn', `! ${formatPlural(dirty, 'gate')} of ${gates} not storing`);
  if (live === gates) return tonedSpan('good', `* live, ${formatPlural(gates, 'gate')}`);
  return tonedSpan('bad', `! PARTIAL, ${live} of ${formatPlural(gates, 'gate')}`);
}

/** Formats the local time of day as hours, minutes and seconds. */
export function localTimeOfDay(unixMs: number): string {
  const at = new Date(unixMs);
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

/** Returns the tabs and, on the right, warnings. */
export function tabLine(state: State, style: DrawStyle): Line {
  const tabs = tabLineTabs(state).map(
    ({text, isActive}) => ({text, tone: isActive ? 'head' : 'dim'}) as const,
  );
  const alert = tabLineAlert(state);
  if (alert === undefined) return {spans: tabs};
  return joinLeftAndRight({spans: tabs}, lineOf(tonedSpan('alert', alert)), state.size.columns, style);
}
