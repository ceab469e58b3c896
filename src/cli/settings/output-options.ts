import {type Format, formats} from '../../output/formats/presenter.js';
import type {ColorChoice} from '../../output/terminal/color.js';
import {parseChoice, parseCount, parseReason, parseText} from '../line/parsers.js';
import type {FlagValues} from './global-flags.js';
import type {Environment} from './layers.js';
import {environmentLayer, flagLayer, switchSetting, textSetting} from './layers.js';

/** How a command speaks, whatever it is about: from flags and environment, never from a context. */
export interface OutputOptions {
  /** Where nothing was asked for, a terminal gets a table and a pipe gets tsv. */
  readonly format: Format;
  readonly color: ColorChoice;
  readonly limit: number | undefined;
  /** The snapshot that is asked in the place of the cluster. */
  readonly snapshot: string | undefined;
  /** Why, for the journal. */
  readonly reason: string | undefined;
  readonly yes: boolean;
  readonly allowPartial: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

export function resolveOutputOptions(
  flags: FlagValues,
  env: Environment,
  isTerminal: boolean,
): OutputOptions {
  const layers = [flagLayer(flags), environmentLayer(env)];
  const on = (name: 'yes' | 'allowPartial' | 'quiet' | 'verbose') => switchSetting(layers, name).value;
  return {
    format: textSetting(layers, 'output', parseChoice(formats))?.value ?? (isTerminal ? 'table' : 'tsv'),
    color:
      textSetting(layers, 'color', parseChoice<ColorChoice>(['auto', 'always', 'never']))?.value ?? 'auto',
    limit: textSetting(layers, 'limit', parseCount)?.value,
    snapshot: textSetting(layers, 'snapshot', parseText)?.value,
    reason: textSetting(layers, 'reason', parseReason)?.value,
    yes: on('yes'),
    allowPartial: on('allowPartial'),
    quiet: on('quiet'),
    verbose: on('verbose'),
  };
}
