import type {Target} from '../../cluster/cluster.js';
import {defaultPace, typedConfirmationAbove} from '../../cluster/write/bulk-limits.js';
import {elapsed, groupedDigits} from '../../output/text/humanize.js';
import type {DialogField, FieldValues, PreviewLine} from '../model/dialog.js';
import {type ActionSubject, textField} from './action-spec.js';

/** Returns the rate field for writes to many sessions selected by a filter; empty for others. */
export const rateField = ({targets, where}: ActionSubject): readonly DialogField[] =>
  where === undefined || targets.length <= typedConfirmationAbove
    ? []
    : [textField('rate', 'rate', String(defaultPace.rate), 'writes per second on each gate, 0 for no limit')];

/** Validates a rate as `--rate` does. Returns an error message; undefined if the rate is valid. */
export function rateFault({rate}: FieldValues): string | undefined {
  if (rate === undefined || /^\d{1,6}$/.test(rate)) return undefined;
  return `invalid rate "${rate}": expected writes per second, 0 for no limit`;
}

export const rateOf = (values: FieldValues): number =>
  values['rate'] === undefined || rateFault(values) !== undefined ? defaultPace.rate : Number(values['rate']);

export const rateFlags = (values: FieldValues): readonly string[] =>
  rateOf(values) === defaultPace.rate ? [] : ['--rate', String(rateOf(values))];

/** Previews the rate and duration; for a selector, also the number of targets per gate. */
export function rateLines(values: FieldValues, {targets, where}: ActionSubject): readonly PreviewLine[] {
  if (targets.length < 2) return [];
  const gates = countByGate(targets);
  const rate = rateOf(values);
  const least = ((Math.max(...gates.values()) - 1) * 1000) / rate;
  const pace =
    rate === 0 ? 'no rate limit' : `${groupedDigits(rate)} per second on each gate, about ${elapsed(least)}`;
  const each =
    where === undefined
      ? []
      : [...gates].map(([gate, count]) => ({text: `${gate}: ${groupedDigits(count)}`}));
  return [{text: pace, tone: 'dim'}, ...each];
}

function countByGate(targets: readonly Target[]): ReadonlyMap<string, number> {
  const gates = new Map<string, number>();
  for (const {node} of targets) gates.set(node, (gates.get(node) ?? 0) + 1);
  return new Map([...gates].sort(([one], [other]) => (one < other ? -1 : 1)));
}
