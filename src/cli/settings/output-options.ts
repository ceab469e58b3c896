import {UsageError} from '../../base/errors.js';
import {type Format, formats} from '../../output/formats/presenter.js';
import type {ColorChoice} from '../../output/terminal/color.js';
import {parseChoice, parseCount, parseReason, parseText} from '../line/parsers.js';
import type {FlagValues} from './global-flags.js';
import type {Environment} from './layers.js';
import {environmentLayer, flagLayer, switchSetting, textSetting} from './layers.js';

/** Output format, colour, limit and confirmation, from flags and environment variables. A context can't set them. */
export interface OutputOptions {
  /** Default: `table` on a terminal, otherwise `tsv`. */
  readonly format: Format;
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

/** Hints for output formats that other tools have. */
const formatHints: Readonly<Record<string, string>> = {
  name: 'for ids: -o ids',
  names: 'for ids: -o ids',
  id: 'for ids: -o ids',
  ndjson: 'for JSON lines: -o jsonl',
  yml: 'for YAML: -o yaml',
  text: 'for a table: -o table',
  human: 'for a table: -o table',
  pretty: 'for a table: -o table',
  'custom-columns': 'to choose columns: --columns id,uid,gate',
  jsonpath: 'for a program such as jq: -o json',
  'go-template': 'for a program such as jq: -o json',
};

const parseFormat = Object.assign(
  (text: string): Format => {
    const [name = ''] = text.toLowerCase().split('=', 1);
    const hint = Object.hasOwn(formatHints, name) ? formatHints[name] : undefined;
    if (hint !== undefined) throw new UsageError(`invalid value "${text}"`, {hint});
    return parseChoice(formats)(text);
  },
  {choices: formats},
);

export function resolveOutputOptions(
  flags: FlagValues,
  env: Environment,
  isTerminal: boolean,
): OutputOptions {
  const layers = [flagLayer(flags), environmentLayer(env)];
  const on = (name: 'header' | 'yes' | 'allowPartial' | 'quiet' | 'verbose') =>
    switchSetting(layers, name).value;
  return {
    format: textSetting(layers, 'output', parseFormat)?.value ?? (isTerminal ? 'table' : 'tsv'),
    color:
      textSetting(layers, 'color', parseChoice<ColorChoice>(['auto', 'always', 'never']))?.value ?? 'auto',
    limit: textSetting(layers, 'limit', parseCount)?.value,
    snapshot: textSetting(layers, 'snapshot', parseText)?.value,
    reason: textSetting(layers, 'reason', parseReason)?.value,
    header: on('header'),
    yes: on('yes'),
    allowPartial: on('allowPartial'),
    quiet: on('quiet'),
    verbose: on('verbose'),
  };
}
