import type {Argument, Command, Option} from 'commander';
import {UsageError} from '../../base/errors.js';

/** Arguments that may be blank or that their commands check: a message may be empty, a topic or a key may be a space. */
const mayBeBlankNames: ReadonlySet<string> = new Set(['topic', 'body', 'word', 'bytes', 'key', 'settings']);

/** Reports whether a value is empty or white space, as an unset shell variable leaves it. */
export const isBlank = (text: string): boolean => text.trim() === '';

export const mayBeBlank = (argument: string): boolean => mayBeBlankNames.has(argument);

/**
 * Makes every flag and argument of a command refuse blank values. A blank value usually comes from an unset shell variable:
 * taken literally, `--uid ""` would select all guests.
 */
export function refuseBlankValues(command: Command): void {
  for (const option of command.options) {
    if (option.required) guard(option, option.long ?? option.flags);
  }
  for (const argument of command.registeredArguments) {
    if (!mayBeBlank(argument.name())) guard(argument, `<${argument.name()}>`);
  }
}

function guard(target: Option | Argument, name: string): void {
  const {parseArg, variadic} = target;
  const collected = (text: string, before: unknown) => [...(Array.isArray(before) ? before : []), text];
  const parse = parseArg ?? (variadic ? collected : (text: string) => text);
  const checked = (text: string, before: unknown): unknown => {
    if (isBlank(text)) throw blankValueError(name);
    return parse(text, before as never);
  };
  target.argParser(Object.assign(checked, parseArg)); // keeps `choices`, which completion reads
}

const blankValueError = (name: string): UsageError =>
  new UsageError(`the value of ${name} is empty`, {
    hint: name === '--uid' ? 'to select guests: --guest' : 'is a shell variable in it not set?',
  });
