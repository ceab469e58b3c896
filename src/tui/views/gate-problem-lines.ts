import {formatDuration} from '../../output/text/humanize.js';
import {
  type GateStatus,
  gateLastKnownAt,
  gatesWithProblems,
  isAnsweringStatus,
} from '../model/derived-state.js';
import type {GateState} from '../model/gate-metrics.js';
import type {State} from '../model/state.js';
import {dimSpan, type Line, lineOf, safeSpanText, tonedSpan} from '../text/line.js';

/** Returns one line per gate in trouble; if they don't fit, the last line counts the rest. */
export function gateProblemLines(state: State, rows: number): readonly Line[] {
  const faults =
    state.registryFault === undefined
      ? []
      : [lineOf(tonedSpan('bad', ` ! ${safeSpanText(state.registryFault)}`))];
  const lines = [
    ...faults,
    ...gatesWithProblems(state).map(({gate, status}) => troubleLine(gate, status, state.now)),
  ];
  if (lines.length <= rows) return lines;
  const kept = lines.slice(0, Math.max(0, rows - 1));
  const rest = lines.length - kept.length;
  if (rows === 1 && lines[0] !== undefined)
    return [lineOf(...lines[0].spans, dimSpan(`  and ${rest - 1} more: 1`))];
  return [...kept, lineOf(dimSpan(`   and ${rest} more gates: 1 shows all`))];
}

function troubleLine(gate: GateState, {word, tone, why}: GateStatus, now: number): Line {
  const since = gateLastKnownAt(gate);
  const age = since === undefined || isAnsweringStatus(word) ? '' : ` for ${formatDuration(now - since)}`;
  const {gap} = gate;
  if (word === 'live')
    return lineOf(
      tonedSpan('warn', ` ~ ${safeSpanText(gate.id)} `),
      dimSpan(`refreshed after missed events: ${safeSpanText(gap?.why ?? '')}`),
    );
  return lineOf(tonedSpan(tone, ` ! ${safeSpanText(gate.id)} ${word}${age} `), dimSpan(safeSpanText(why)));
}
