import type {Target} from '../../cluster/cluster.js';
import {defaultPace, typedConfirmationAbove} from '../../cluster/write/bulk-limits.js';
import {elapsed, groupedDigits} from '../../output/text/humanize.js';
import type {DialogField, FieldValues, PreviewLine} from '../model/dialog.js';
import {type ActionSubject, textField} from './action-spec.js';

/** How fast many are written to: asked for where a selector has chosen them. */
export const rateField = ({targets, where}: ActionSubject): readonly DialogField[] =>
  where === undefined || targets.length <= typedConfirmationAbove
    ? []
    : [textField('rate', 'rate', String(defaultPace.rate), 'writes a second on each gate; 0 for no bound')];

/** As `--rate` of the command line takes it. */
export function rateFault({rate}: FieldValues): string | undefined {
  if (rate === undefined || /^\d{1,6}$/.test(rate)) return undefined;
  return `"${rate}" is no rate: give a whole number a second, 0 for no bound`;
}

export const rateOf = (values: FieldValues): number =>
  values['rate'] === undefined || rateFault(values) !== undefined ? defaultPace.rate : Number(values['rate']);

export const rateFlags = (values: FieldValues): readonly string[] =>
  rateOf(values) === defaultPace.rate ? [] : ['--rate', String(rateOf(values))];

/** How fast and for how long, and of those that a selector has chosen how many each gate has. */
export function rateLines(values: FieldValues, {targets, where}: ActionSubject): readonly PreviewLine[] {
  if (targets.length < 2) return [];
  const gates = countByGate(targets);
  const rate = rateOf(values);
  const least = ((Math.max(...gates.values()) - 1) * 1000) / rate;
  const pace =
    rate === 0 ? 'as fast as they answer' : `${groupedDigits(rate)} a second on each gate: ${elapsed(least)}`;
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
