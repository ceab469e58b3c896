import {parseTopic} from '../../cluster/write/parse-write-input.js';
import {parseErrorMessage} from '../actions/error-lines.js';
import type {ComposedMessage} from '../actions/messages/message-history.js';
import {keyBindings} from '../keymap/keymap.js';
import type {ScreenName} from '../model/state.js';
import {type DashboardConfig, emptyDashboardConfig, type UserKey} from './dashboard-config.js';

interface ParseDeps {
  /** Returns the risk of a command; undefined for a plugin or an unknown command. */
  readonly riskOf: (words: readonly string[]) => 'read' | 'write' | 'destroy' | undefined;
  /** Names of the commands of the `:` prompt. */
  readonly commandNames: readonly string[];
}

const mostEntries = 100;
const mostWords = 50;
const longestWord = 1000;
const keyName =
  /^(?:[\p{L}\p{N}\p{P}\p{S}]|(?:ctrl-)?(?:alt-)?(?:shift-)?(?:up|down|left|right|home|end|pgup|pgdn|insert|delete|f[1-9]|f1[0-2])|ctrl-[a-z\\\]^_])$/u;
const screenNames: readonly ScreenName[] = [
  ...(['overview', 'sessions', 'session', 'events', 'records', 'record', 'journal', 'trace'] as const),
  ...(['anomalies', 'doctor'] as const),
];

/**
 * Parses `{"keys": {"X": ["records", "get", "{uid}"]}, "aliases": {"vip": "sessions vip"}}`.
 * Rejects invalid entries.
 */
export function parseDashboardConfig(value: unknown, deps: ParseDeps): DashboardConfig {
  if (!isObject(value)) return {...emptyDashboardConfig, faults: [`expected an object with ${expected}`]};
  const faults = Object.keys(value)
    .filter((name) => !members.includes(name))
    .map((name) => `unknown member "${name}": expected ${expected}`);
  const keys: UserKey[] = [];
  const collect = (member: Member, take: (name: string, entry: unknown) => void): void => {
    const entries = value[member] ?? {};
    if (!isObject(entries)) return void faults.push(`"${member}" is not an object`);
    const named = Object.entries(entries);
    if (named.length > mostEntries) faults.push(`"${member}" has more than ${mostEntries} entries`);
    for (const [name, entry] of named.slice(0, mostEntries)) {
      try {
        take(name, entry);
      } catch (error) {
        if (!(error instanceof EntryFault)) throw error;
        faults.push(`${singular[member]} "${name}": ${error.message}`);
      }
    }
  };
  const aliases: Record<string, string> = {};
  collect('keys', (name, entry) => keys.push(parseKey(name, entry, deps)));
  collect('aliases', (name, entry) => {
    aliases[name] = parseAlias(name, entry, deps);
  });
  const templates: Record<string, ComposedMessage> = {};
  collect('templates', (name, entry) => {
    templates[name] = parseTemplate(name, entry);
  });
  return {keys, aliases, templates, faults};
}

const members = ['keys', 'aliases', 'templates'];
type Member = 'keys' | 'aliases' | 'templates';
const singular = {keys: 'key', aliases: 'alias', templates: 'template'} as const;
const expected = '"keys", "aliases" and "templates"';

/** The reason for rejecting an entry. */
class EntryFault extends Error {}

function parseKey(key: string, entry: unknown, {riskOf}: ParseDeps): UserKey {
  if (!keyName.test(key)) throw new EntryFault('unknown key name: expected X, ctrl-t, alt-up or f6');
  const taken = keyBindings.find(({keys}) => keys.includes(key));
  if (taken !== undefined) throw new EntryFault(`used by the dashboard: ${taken.help}`);
  if (key === 'ctrl-c' || key === 'ctrl-z') throw new EntryFault('reserved by the terminal');
  const members = isObject(entry) ? entry : {command: entry};
  const command = parseCommand(members['command']);
  const {help, screens} = members;
  if (help !== undefined && typeof help !== 'string') throw new EntryFault('"help" is not a string');
  const risk = riskOf(command);
  return {
    key,
    help: help ?? `gatectl ${command.join(' ')}`,
    command,
    screens: parseScreens(screens),
    isWrite: risk === 'write' || risk === undefined, // commands that destroy ask themselves
  };
}

function parseCommand(value: unknown): readonly string[] {
  const isWords =
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= mostWords &&
    value.every((word): word is string => typeof word === 'string' && word.length <= longestWord);
  if (!isWords) throw new EntryFault('expected an array of words: ["records", "get", "{uid}"]');
  const words: readonly string[] = value;
  const [first = ''] = words;
  if (!/^[a-z][a-z0-9-]*$/.test(first)) throw new EntryFault(`"${first}" is not a gatectl command`);
  if (words.some((word) => word === '--yes' || word === '-y'))
    throw new EntryFault('--yes would skip the confirmation');
  if (first === 'dashboard') throw new EntryFault('the dashboard is already open');
  const unknown = words.join(' ').match(/\{(?!id\}|uid\}|gate\})[a-z]+\}/)?.[0];
  if (unknown !== undefined)
    throw new EntryFault(`unknown placeholder ${unknown}: expected {id}, {uid} or {gate}`);
  return words;
}

function parseScreens(value: unknown): readonly ScreenName[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw new EntryFault('"screens" is not an array');
  return value.map((name) => {
    const known = screenNames.find((one) => one === name);
    if (known === undefined)
      throw new EntryFault(`unknown screen "${String(name)}": ${screenNames.join(', ')}`);
    return known;
  });
}

function parseAlias(name: string, entry: unknown, {commandNames}: ParseDeps): string {
  if (!/^[a-z][\w-]{0,39}$/.test(name))
    throw new EntryFault('use up to 40 lowercase letters, digits, "-" and "_"');
  if (commandNames.includes(name)) throw new EntryFault('already the name of a dashboard command');
  if (typeof entry !== 'string' || entry === '' || entry.length > longestWord)
    throw new EntryFault('expected the text of a command');
  const [first = ''] = entry.split(' ');
  if (!commandNames.includes(first)) throw new EntryFault(`"${first}" is not a dashboard command`);
  return entry;
}

function parseTemplate(name: string, entry: unknown): ComposedMessage {
  if (!/^[\w.-]{1,40}$/.test(name)) throw new EntryFault('use up to 40 letters, digits, "-", "_" and "."');
  const {topic, body} = isObject(entry) ? entry : {};
  if (typeof topic !== 'string' || typeof body !== 'string' || body.length > longestBody)
    throw new EntryFault('expected {"topic": "…", "body": "…"}');
  const fault = parseErrorMessage(() => parseTopic(topic));
  if (fault !== undefined) throw new EntryFault(fault);
  return {topic, body};
}

const longestBody = 10_000;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
