import type {Command} from 'commander';
import {MistypedValueError, UsageError} from '../../base/errors.js';
import type {Selector} from '../../selector/selector.js';
import {networkNames} from '../../selector/selector-fields.js';
import {parseAgeMs, parseUtf8Text} from '../line/parsers.js';
import {addStockSourceFlags, type StockSourceInput} from '../line/stock-flags.js';
import {repeatableParser} from '../verb.js';

/** Flags that select sessions, and other sources of sessions for stock gates. A session must match all selecting flags. */
export interface SelectorInput extends Pick<StockSourceInput, 'store' | 'tap'> {
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

export function addSelectorFlags(command: Command): Command {
  return addStockSourceFlags(command)
    .option(
      '--where <expression>',
      'match an expression, such as uid == "u1" && settings.vip == "1"',
      repeatableParser(parseUtf8Text),
    )
    .option('--gate <node>', 'match sessions on this gate (repeatable)', repeatableParser(String))
    .option(
      '--uid <uid>',
      'match this uid; * matches any characters (repeatable)',
      repeatableParser(parseUtf8Text),
    )
    .option('--guest', 'match sessions without a uid')
    .option('--network <network>', 'match tcp or websocket (repeatable)', repeatableParser(parseNetwork))
    .option('--ip <cidr>', 'match clients in this address block', repeatableParser(parseUtf8Text))
    .option(
      '--setting <k=v>',
      'match a setting: k=v, k!=v, k or !k (repeatable)',
      repeatableParser(parseSettingTerm),
    )
    .option('--older-than <duration>', 'match sessions connected for longer than this', parseAgeMs)
    .option('--idle <duration>', 'match sessions inactive for longer than this', parseAgeMs);
}

function parseNetwork(text: string): string {
  const network = networkNames.find((name) => name === text);
  if (network !== undefined) return network;
  const message = `invalid network "${text}": expected ${networkNames.join(' or ')}`;
  const meant = /^(?:wss?|web-?sockets?)$/i.test(text) ? 'websocket' : text.toLowerCase();
  if (networkNames.some((name) => name === meant))
    throw new MistypedValueError(message, {flag: '--network', typed: text, meant});
  throw new UsageError(message, {hint: 'for example --network tcp'});
}

/** Checks a setting filter: `k=v`, `k!=v`, `k` or `!k`. Throws UsageError for an empty key. */
function parseSettingTerm(text: string): string {
  const [, key = ''] = /^!?([^=]*?)(?:!?=.*)?$/s.exec(text) ?? [];
  if (key.trim() !== '') return parseUtf8Text(text);
  throw new UsageError(`invalid setting "${text}": expected k=v, k!=v, k or !k`, {
    hint: 'for example --setting vip=1',
  });
}

interface Selection {
  /** Node ids; all gates when absent. */
  readonly gates: readonly string[] | undefined;
  /** All sessions when absent. */
  readonly where: Selector | undefined;
}

/** Parses and checks the flags. Loads the selector code only when needed. Throws UsageError. */
export async function parseSelectorFlags(input: SelectorInput): Promise<Selection> {
  if (input.guest === true && input.uid !== undefined)
    throw new UsageError('cannot combine --guest and --uid: a guest has no uid');
  const text = await selectorText(input);
  if (text === undefined) return {gates: input.gate, where: undefined};
  const {parseSelector} = await import('../../selector/selector.js');
  return {gates: input.gate, where: await parseSelector(text)};
}

/** Whether any flag narrows the selection. */
export function hasSelectorFlags(input: SelectorInput): boolean {
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
  if (!hasSelectorFlags({...input, gate: undefined})) return undefined;
  const {joinCelTerms, celTerms} = await import('../../selector/cel-terms.js');
  const {parseTypedSelector} = await import('../../selector/selector.js');
  for (const text of where) await parseTypedSelector(text); // one at a time, so an error quotes the expression as typed
  return joinCelTerms([
    ...where,
    ...(uid === undefined ? [] : [celTerms.uids(uid)]),
    ...(guest === true ? [celTerms.guest()] : []),
    ...(network === undefined ? [] : [celTerms.networks(network)]),
    ...ip.map(celTerms.cidr),
    ...setting.map(celTerms.setting),
    ...(olderThan === undefined ? [] : [celTerms.olderThan(olderThan)]),
    ...(idle === undefined ? [] : [celTerms.idle(idle)]),
  ]);
}
