import {type OutputFormat, outputFormats} from '../../output/formats/presenter.js';
import type {ColorChoice} from '../../output/terminal/color.js';
import {parseChoice, parseCount, parseReason, parseUtf8Text} from '../line/parsers.js';
import type {FlagValues} from './global-flags.js';
import type {Environment} from './settings-layers.js';
import {environmentLayer, flagLayer, resolveBooleanFlag, resolveTextFlag} from './settings-layers.js';

/** Output format, colour, limit and confirmation, from flags and environment variables. A context can't set them. */
export interface OutputOptions {
  /** Default: `table` on a terminal, otherwise `tsv`. */
  readonly format: OutputFormat;
  readonly color: ColorChoice;
  readonly limit: number | undefined;
  /** Snapshot to read instead of the cluster. */
  readonly snapshot: string | undefined;
  /** Reason for a write, recorded in the journal. */
  readonly reason: string | undefined;
  /** Whether tsv output starts with a header. */
  readonly header: boolean;
  readonly yes: boolean;
  readonly allowPartial: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** Resolves the output options of a command. `path` is the command's words, such as `sessions list`. */
export function resolveOutputOptions(
  flags: FlagValues,
  env: Environment,
  isTerminal: boolean,
  path = '',
): OutputOptions {
  const layers = [flagLayer(flags), environmentLayer(env)];
  const on = (name: 'header' | 'yes' | 'allowPartial' | 'quiet' | 'verbose') =>
    resolveBooleanFlag(layers, name).value;
  const isIdList = flags.quiet === true && path.endsWith(' list'); // as in docker; GATECTL_QUIET does not reduce a list
  const format = isIdList ? 'ids' : isTerminal ? 'table' : 'tsv';
  return {
    format: resolveTextFlag(layers, 'output', parseChoice(outputFormats))?.value ?? format,
    color:
      resolveTextFlag(layers, 'color', parseChoice<ColorChoice>(['auto', 'always', 'never']))?.value ??
      'auto',
    limit: resolveTextFlag(layers, 'limit', parseCount)?.value,
    snapshot: resolveTextFlag(layers, 'snapshot', parseUtf8Text)?.value,
    reason: resolveTextFlag(layers, 'reason', parseReason)?.value,
    header: on('header'),
    yes: on('yes'),
    allowPartial: on('allowPartial'),
    quiet: on('quiet'),
    verbose: on('verbose'),
  };
}
