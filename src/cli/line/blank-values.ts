import type {Argument, Command, Option} from 'commander';
import {UsageError} from '../../base/errors.js';
import {globalFlags} from '../settings/global-flags.js';

/** Arguments that may be blank or are checked by their commands: a message may be empty, and a topic or key may be a space. */
const mayBeBlankNames: ReadonlySet<string> = new Set(['topic', 'body', 'args', 'bytes', 'key', 'settings']);

const globalFlagNames = globalFlags.map(({long}) => long);

/** Whether a value is empty or white space, as left by an unset shell variable. */
export const isBlank = (text: string): boolean => text.trim() === '';

export const mayBeBlankArgument = (argument: string): boolean => mayBeBlankNames.has(argument);

/**
 * Makes every flag and argument of a command refuse blank values, and every flag refuse another flag as its value. Both usually
 * come from an unset shell variable: `--uid ""` would select all guests, and `--where $unset --yes` would lose `--yes`.
 */
export function refuseBlankValues(command: Command): void {
  const flags = new Set([...globalFlagNames, ...command.options.map(({long}) => long)]);
  for (const option of command.options) {
    if (option.required) guard(option, option.long ?? option.flags, flags);
  }
  for (const argument of command.registeredArguments) {
    if (!mayBeBlankArgument(argument.name())) guard(argument, `<${argument.name()}>`);
  }
}

function guard(target: Option | Argument, name: string, flags?: ReadonlySet<unknown>): void {
  const {parseArg, variadic} = target;
  const collected = (text: string, before: unknown) => [...(Array.isArray(before) ? before : []), text];
  const parse = parseArg ?? (variadic ? collected : (text: string) => text);
  const checked = (text: string, before: unknown): unknown => {
    if (isBlank(text)) throw blankValueError(name);
    if (flags?.has(text)) throw flagAsValueError(name, text);
    return parse(text, before as never);
  };
  target.argParser(Object.assign(checked, parseArg)); // keeps `choices`, which completion reads
}

const blankValueError = (name: string): UsageError =>
  new UsageError(`the value of ${name} is empty`, {
    hint: name === '--uid' ? 'to select guests: --guest' : 'check that the shell variable in it is set',
  });

const flagAsValueError = (name: string, flag: string): UsageError =>
  new UsageError(`the value of ${name} is missing: ${flag} is a flag`, {
    hint: 'check that the shell variable before it is set',
  });
