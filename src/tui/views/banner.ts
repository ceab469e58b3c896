import {duration} from '../../output/text/humanize.js';
import type {GateState} from '../model/gate-metrics.js';
import {type GateStatus, isAnswering, lastKnownAt, troubledGates} from '../model/selectors.js';
import type {State} from '../model/state.js';
import {dim, type Line, line, safeSpanText, withTone} from '../text/line.js';

/** Returns one line per gate in trouble; if they don't fit, the last line counts the rest. */
export function bannerLines(state: State, rows: number): readonly Line[] {
  const faults =
    state.registryFault === undefined
      ? []
      : [line(withTone('bad', ` ! ${safeSpanText(state.registryFault)}`))];
  const lines = [
    ...faults,
    ...troubledGates(state).map(({gate, status}) => troubleLine(gate, status, state.now)),
  ];
  if (lines.length <= rows) return lines;
  const kept = lines.slice(0, Math.max(0, rows - 1));
  const rest = lines.length - kept.length;
  if (rows === 1 && lines[0] !== undefined)
    return [line(...lines[0].spans, dim(`  and ${rest - 1} more: 1`))];
  return [...kept, line(dim(`   and ${rest} more gates: 1 shows all`))];
}

function troubleLine(gate: GateState, {word, tone, why}: GateStatus, now: number): Line {
  const since = lastKnownAt(gate);
  const age = since === undefined || isAnswering(word) ? '' : ` for ${duration(now - since)}`;
  const {gap} = gate;
  if (word === 'live')
    return line(
      withTone('warn', ` ~ ${safeSpanText(gate.id)} `),
      dim(`refreshed after missed events: ${safeSpanText(gap?.why ?? '')}`),
    );
  return line(withTone(tone, ` ! ${safeSpanText(gate.id)} ${word}${age} `), dim(safeSpanText(why)));
}
