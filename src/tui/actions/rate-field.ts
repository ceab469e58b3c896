import type {Target} from '../../cluster/cluster.js';
import {defaultBulkPace, maxTargetsWithoutTypedConfirmation} from '../../cluster/write/bulk-limits.js';
import {formatCount, formatElapsed} from '../../output/text/humanize.js';
import type {DialogField, DialogFieldValues, PreviewLine} from '../model/dialog-types.js';
import {type ActionSubject, dialogNumberField} from './action-spec.js';

/** Returns the rate field for writes to many sessions selected by a filter; empty for others. */
export const rateFields = ({targets, where}: ActionSubject): readonly DialogField[] =>
  where === undefined || targets.length <= maxTargetsWithoutTypedConfirmation
    ? []
    : [
        dialogNumberField(
          'rate',
          'rate',
          String(defaultBulkPace.rate),
          'writes per second on each gate, 0 for no limit',
        ),
      ];

/** Validates a rate as `--rate` does. Returns an error message; undefined if the rate is valid. */
export function rateInputError({rate}: DialogFieldValues): string | undefined {
  if (rate === undefined || /^\d{1,6}$/.test(rate)) return undefined;
  return `invalid rate "${rate}": expected writes per second, 0 for no limit`;
}

export const enteredRate = (values: DialogFieldValues): number =>
  values['rate'] === undefined || rateInputError(values) !== undefined
    ? defaultBulkPace.rate
    : Number(values['rate']);

export const rateArguments = (values: DialogFieldValues): readonly string[] =>
  enteredRate(values) === defaultBulkPace.rate ? [] : ['--rate', String(enteredRate(values))];

/** Previews the rate and duration; for a selector, also the number of targets per gate. */
export function ratePreviewLines(
  values: DialogFieldValues,
  {targets, where}: ActionSubject,
): readonly PreviewLine[] {
  if (targets.length < 2) return [];
  const gates = countByGate(targets);
  const rate = enteredRate(values);
  const least = ((Math.max(...gates.values()) - 1) * 1000) / rate;
  const pace =
    rate === 0
      ? 'no rate limit'
      : `${formatCount(rate)} per second on each gate, about ${formatElapsed(least)}`;
  const each =
    where === undefined ? [] : [...gates].map(([gate, count]) => ({text: `${gate}: ${formatCount(count)}`}));
  return [{text: pace, tone: 'dim'}, ...each];
}

function countByGate(targets: readonly Target[]): ReadonlyMap<string, number> {
  const gates = new Map<string, number>();
  for (const {node} of targets) gates.set(node, (gates.get(node) ?? 0) + 1);
  return new Map([...gates].sort(([one], [other]) => (one < other ? -1 : 1)));
}
