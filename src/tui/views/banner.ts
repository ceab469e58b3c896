import {duration} from '../../output/human.js';
import {type Standing, sinceOf, troubles} from '../selectors.js';
import type {GateState, State} from '../state.js';
import {dim, type Line, line, safe, toned} from '../text/line.js';

/** What is wrong with gates, a line a gate; the last line counts the rest. */
export function bannerLines(state: State, rows: number): readonly Line[] {
  const faults =
    state.registryFault === undefined ? [] : [line(toned('bad', ` ! ${safe(state.registryFault)}`))];
  const lines = [
    ...faults,
    ...troubles(state).map(({gate, standing}) => troubleLine(gate, standing, state.now)),
  ];
  if (lines.length <= rows) return lines;
  const kept = lines.slice(0, Math.max(0, rows - 1));
  const rest = lines.length - kept.length;
  if (rows === 1 && lines[0] !== undefined)
    return [line(...lines[0].spans, dim(`  and ${rest - 1} more: 1`))];
  return [...kept, line(dim(`   and ${rest} more gates: 1 shows all`))];
}

function troubleLine(gate: GateState, {word, tone, why}: Standing, now: number): Line {
  const since = sinceOf(gate);
  const age = since === undefined || word === 'limited' ? '' : ` for ${duration(now - since)}`;
  const {gap} = gate;
  if (word === 'live')
    return line(
      toned('warn', ` ~ ${safe(gate.id)} `),
      dim(`asked again, events were missed: ${safe(gap?.why ?? '')}`),
    );
  return line(toned(tone, ` ! ${safe(gate.id)} ${word}${age} `), dim(safe(why)));
}
