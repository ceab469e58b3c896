import type {Command} from 'commander';
import {UsageError} from '../../base/errors.js';
import {networks} from '../../selector/fields.js';
import type {Selector} from '../../selector/selector.js';
import {parseAge, parseText} from '../line/parsers.js';
import {collect} from '../verb.js';

/** Which sessions: every flag narrows it. The same for every command that takes many. */
export interface SelectorInput {
  readonly where?: readonly string[] | undefined;
  readonly gate?: readonly string[] | undefined;
  readonly uid?: readonly string[] | undefined;
  readonly guest?: boolean | undefined;
  readonly network?: readonly string[] | undefined;
  readonly ip?: readonly string[] | undefined;
  readonly setting?: readonly string[] | undefined;
  readonly olderThan?: number | undefined;
  readonly idle?: number | undefined;
}

export function withSelectorFlags(command: Command): Command {
  return command
    .option(
      '--where <expression>',
      'only sessions that match: uid == "u1" && settings.vip == "1"',
      collect(parseText),
    )
    .option('--gate <node>', 'only this gate (repeatable)', collect(String))
    .option('--uid <uid>', 'only this uid (repeatable)', collect(parseText))
    .option('--guest', 'only sessions without a uid')
    .option('--network <network>', 'only tcp or websocket (repeatable)', collect(parseNetwork))
    .option('--ip <cidr>', 'only clients of this address block', collect(parseText))
    .option(
      '--setting <k=v>',
      'only with this setting: k=v, k!=v, k or !k (repeatable)',
      collect(parseSettingTerm),
    )
    .option('--older-than <duration>', 'only connected for longer than this', parseAge)
    .option('--idle <duration>', 'only not heard for longer than this', parseAge);
}

function parseNetwork(text: string): string {
  const network = networks.find((name) => name === text);
  if (network !== undefined) return network;
  throw new UsageError(`no session has the network "${text}"`, {
    hint: `the networks are ${networks.join(' and ')}`,
  });
}

/** `k=v`, `k!=v`, `k` or `!k`: a setting without a name is none. */
function parseSettingTerm(text: string): string {
  const [, key = ''] = /^!?([^=]*?)(?:!?=.*)?$/s.exec(text) ?? [];
  if (key.trim() !== '') return parseText(text);
  throw new UsageError(`"${text}" names no setting`, {hint: 'write it as k=v, k!=v, k or !k'});
}

export interface Selection {
  /** Node ids; all gates when absent. */
  readonly gates: readonly string[] | undefined;
  /** All sessions when absent. */
  readonly where: Selector | undefined;
}

/** Checks the selector before anything is sent; its room is loaded only where there is one. */
export async function parseSelection(input: SelectorInput): Promise<Selection> {
  if (input.guest === true && input.uid !== undefined)
    throw new UsageError('--guest and --uid contradict each other: a guest has no uid');
  const text = await selectorText(input);
  if (text === undefined) return {gates: input.gate, where: undefined};
  const {parseSelector} = await import('../../selector/selector.js');
  return {gates: input.gate, where: await parseSelector(text)};
}

/** Whether anything narrows the sessions. */
export function hasSelector(input: SelectorInput): boolean {
  return (
    [input.where, input.gate, input.uid, input.network, input.ip, input.setting].some(
      (list) => list !== undefined && list.length > 0,
    ) ||
    input.guest === true ||
    input.olderThan !== undefined ||
    input.idle !== undefined
  );
}

async function selectorText(input: SelectorInput): Promise<string | undefined> {
  const {where = [], uid, network, ip = [], setting = [], guest, olderThan, idle} = input;
  if (!hasSelector({...input, gate: undefined})) return undefined;
  const {allTerms, terms} = await import('../../selector/terms.js');
  const {parseTypedSelector} = await import('../../selector/selector.js');
  for (const text of where) await parseTypedSelector(text); // each by itself, so that a fault shows in what was typed
  return allTerms([
    ...where,
    ...(uid === undefined ? [] : [terms.uids(uid)]),
    ...(guest === true ? [terms.guest()] : []),
    ...(network === undefined ? [] : [terms.networks(network)]),
    ...ip.map(terms.cidr),
    ...setting.map(terms.setting),
    ...(olderThan === undefined ? [] : [terms.olderThan(olderThan)]),
    ...(idle === undefined ? [] : [terms.idle(idle)]),
  ]);
}
