import type {Command, Option} from 'commander';
import {catalogue} from '../../src/cli/catalogue.js';
import type {CommandRisk} from '../../src/cli/command-identity.js';
import {commandNouns} from '../../src/cli/command-identity.js';
import {buildCommandTree, type CommandTreeDeps, declareVerb} from '../../src/cli/line/command-tree.js';
import {code, plain, table} from './markdown.js';

interface DocumentedCommand {
  readonly path: string;
  readonly command: Command;
  readonly examples: readonly string[];
  readonly risk: CommandRisk;
}

const silent: CommandTreeDeps = {write: () => {}, columns: undefined, onEnter: () => {}, run: async () => {}};

/** An option that so many commands have in the same words is described once. */
const sharedBy = 5;

const risks: Readonly<Record<CommandRisk, string>> = {
  read: 'Reads only.',
  write: 'Writes: refused with `--read-only`, kept in the journal.',
  destroy: 'Destroys: asks first, is refused with `--read-only`, kept in the journal.',
};

/** Every command from the tree that answers `--help`: usage, arguments, options, examples. */
export async function commandReference(): Promise<string> {
  const commands = await documentedCommands();
  const shared = sharedOptions(commands);
  return [
    sharedPart(shared),
    ...commands.flatMap((one, at) => commandPart(one, shared, commands[at - 1])),
  ].join('\n\n');
}

async function documentedCommands(): Promise<readonly DocumentedCommand[]> {
  const program = buildCommandTree(silent);
  return await Promise.all(
    catalogue.map(async (entry) => {
      const command = commandAt(program, entry.path);
      const verb = await entry.load();
      declareVerb(command, entry, verb, silent);
      return {path: entry.path, command, examples: verb.examples, risk: entry.risk};
    }),
  );
}

function commandAt(program: Command, path: string): Command {
  return path.split(' ').reduce((command, word) => {
    const found = command.commands.find((one) => one.name() === word);
    if (found === undefined) throw new Error(`no command "${path}"`);
    return found;
  }, program);
}

const textOf = (option: Option): string => `${option.flags}\n${describe(option)}`;

function sharedOptions(commands: readonly DocumentedCommand[]): ReadonlyMap<string, Option> {
  const options = commands.flatMap(({command}) => command.options);
  const texts = options.map(textOf);
  const isShared = (text: string): boolean => texts.filter((other) => other === text).length >= sharedBy;
  return new Map(
    options.map((option) => [textOf(option), option] as const).filter(([text]) => isShared(text)),
  );
}

const sharedPart = (shared: ReadonlyMap<string, Option>): string =>
  ['## Options of many commands', optionTable([...shared.values()])].join('\n\n');

function commandPart(
  {path, command, examples, risk}: DocumentedCommand,
  shared: ReadonlyMap<string, Option>,
  before: DocumentedCommand | undefined,
): readonly string[] {
  const [noun = ''] = path.split(' ');
  const isNew = commandNouns[noun] !== undefined && before?.path.split(' ')[0] !== noun;
  const own = command.options.filter((option) => !shared.has(textOf(option)));
  const others = command.options.filter((option) => shared.has(textOf(option)));
  return [
    ...(isNew ? [`## ${noun}: ${commandNouns[noun]}`] : []),
    `${commandNouns[noun] === undefined ? '##' : '###'} gatectl ${path}`,
    `${command.description()} ${risks[risk]}`,
    `\`\`\`sh\ngatectl ${path} ${command.usage()}\n\`\`\``.replace(/ +\n```$/, '\n```'),
    ...argumentPart(command),
    ...(own.length === 0 ? [] : [optionTable(own)]),
    ...(others.length === 0
      ? []
      : [
          `Also: ${others.map(({flags, long}) => code(long ?? flags)).join(', ')} ([above](#options-of-many-commands)).`,
        ]),
    `\`\`\`sh\n${examples.join('\n')}\n\`\`\``,
  ];
}

function argumentPart(command: Command): readonly string[] {
  const described = command.registeredArguments.filter(({description}) => description);
  if (described.length === 0) return [];
  return [
    table(
      ['argument', 'meaning'],
      described.map((argument) => [code(argument.name()), plain(argument.description)]),
    ),
  ];
}

const optionTable = (options: readonly Option[]): string =>
  table(
    ['option', 'meaning'],
    options.map((option) => [code(option.flags), describe(option)]),
  );

function describe({description, argChoices, defaultValue}: Option): string {
  const choices = argChoices === undefined ? '' : ` Choices: ${argChoices.map(code).join(', ')}.`;
  const isSaid = description.endsWith(')') || defaultValue === undefined || defaultValue === false;
  const standard = isSaid ? '' : ` Default: \`${String(defaultValue)}\`.`;
  return `${plain(description)}${choices === '' && standard === '' ? '' : '.'}${choices}${standard}`;
}
