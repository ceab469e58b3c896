import type {Argument, Command, Option} from 'commander';
import {version} from '../../base/version.js';
import {catalogue} from '../catalogue.js';
import {commandNouns} from '../command-identity.js';
import {globalFlags} from '../settings/global-flags.js';
import type {AnyVerb} from '../verb.js';
import {buildCommandTree, declareVerb, silentCommandTreeDeps} from './command-tree.js';
import {exitCodesText} from './exit-codes-text.js';
import {fullCommandName} from './full-command-name.js';

/** Returns the manual page as roff, built from the same command tree as `--help`. */
export async function manPage(): Promise<string> {
  const program = buildCommandTree(silentCommandTreeDeps);
  const parts: string[] = [
    `.TH GATECTL 1 "" "gatectl ${version}" "User Commands"`,
    section('NAME', 'gatectl \\- inspect and control sessions of an mqant gate cluster'),
    section('SYNOPSIS', '.B gatectl\n\\fInoun\\fR \\fIverb\\fR [\\fItarget\\fR...] [\\fIflags\\fR]'),
    section('DESCRIPTION', text(program.description())),
    '.SH COMMANDS',
  ];
  for (const entry of catalogue) {
    const command = commandAt(program, entry.path);
    const verb = await entry.load();
    declareVerb(command, entry, verb, silentCommandTreeDeps);
    parts.push(...commandPart(command, verb));
  }
  const about = Object.entries(commandNouns).map(([noun, what]) => tagged(noun, what));
  return [...parts, '.SH NOUNS', ...about, ...lastParts()].join('\n').concat('\n');
}

function commandAt(program: Command, path: string): Command {
  return path.split(' ').reduce((command, word) => {
    const found = command.commands.find((one) => one.name() === word);
    if (found === undefined) throw new Error(`no command "${path}"`);
    return found;
  }, program);
}

function commandPart(command: Command, verb: AnyVerb): readonly string[] {
  return [
    `.SS ${text(`${fullCommandName(command)} ${command.usage().replace(/^\[options\] ?/, '')}`.trim())}`,
    text(command.description()),
    ...command.registeredArguments.filter(({description}) => description).map(argumentPart),
    ...command.options.map(optionPart),
    '.PP',
    '.EX',
    ...verb.examples.map(text),
    '.EE',
  ];
}

const argumentPart = (argument: Argument): string => tagged(argument.name(), argument.description);

function optionPart({flags, description, argChoices, defaultValue}: Option): string {
  const choices = argChoices === undefined ? '' : ` (${argChoices.join(', ')})`;
  const usual = defaultValue === undefined || defaultValue === false ? '' : ` [${String(defaultValue)}]`;
  return tagged(flags, `${description}${choices}${usual}`);
}

function lastParts(): readonly string[] {
  return [
    '.SH GLOBAL FLAGS',
    'Before or after the command. A flag overrides its environment variable, which overrides the selected context.',
    ...globalFlags.map(({notation, summary, env}) => tagged(notation, `${summary} [${env}]`)),
    '.SH EXIT STATUS',
    ...[...exitCodesText.matchAll(/^ {2}(\S.*?) {2,}(.*)$/gm)].map(([, code = '', what = '']) =>
      tagged(code, what),
    ),
    '.SH FILES',
    tagged('$XDG_CONFIG_HOME/gatectl/', 'named connections (~/.config/gatectl/)'),
    tagged(
      '$XDG_STATE_HOME/gatectl/journal.jsonl',
      'journal of writes (~/.local/state/gatectl/), or the file in GATECTL_JOURNAL',
    ),
    '.SH SEE ALSO',
    text('The documents shipped with the program: operators.md, authors.md and reference/.'),
  ];
}

const section = (name: string, body: string): string => `.SH ${name}\n${body}`;
const tagged = (term: string, about: string): string => `.TP\n\\fB${text(term)}\\fR\n${text(about)}`;

/** Escapes text for roff. */
function text(words: string): string {
  const escaped = words.replaceAll('\\', '\\e').replaceAll('-', '\\-');
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}
