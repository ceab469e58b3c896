import {isIP} from 'node:net';
import {celStringLiteral} from '../../selector/cel-terms.js';
import {fieldByLogName} from '../../selector/selector-fields.js';
import {clientAddressOfSession} from '../../session/ip-address.js';

/** Characters that surround a value in a log line or in JSON. */
const wrapping = new Set(' \t\n"\'`“”‘’«»[](){}<>,;');

/** Strips surrounding quotes, brackets, commas and spaces, and the truncation mark. */
function withoutWrapping(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && wrapping.has(text[start] ?? '')) start += 1;
  while (end > start && (wrapping.has(text[end - 1] ?? '') || text[end - 1] === '…')) end -= 1;
  return text.slice(start, end);
}

/**
 * Returns the selector of a pasted reference: `Gate@a/5f00…`, `uid: u42`, `"sessionId":"5f00…"`, or
 * a log line with one of them. Returns undefined for any other text.
 */
export function selectorOfPastedReference(text: string): string | undefined {
  const words = text.split(/\s/).map(withoutWrapping).filter(Boolean);
  for (const word of words) {
    const found = referenceIn(word);
    if (found !== undefined) return found;
  }
  const named = words.flatMap((word, at) => namedValue(word, words[at + 1]) ?? []);
  const best = ['id', 'uid', 'ip', 'gate'] as const;
  for (const field of best) {
    const value = named.find((one) => one.field === field)?.value;
    if (value !== undefined) return `${field} == ${celStringLiteral(value)}`;
  }
  return undefined;
}

/** Finds `Gate@a/5f00…`, even after a name or inside quotes. */
function referenceIn(word: string): string | undefined {
  const slash = word.indexOf('/');
  const at = word.indexOf('@');
  if (at < 1 || slash < at + 2) return undefined;
  const node = withoutWrapping(word.slice(nameEnd(word), slash));
  const id = withoutWrapping(word.slice(slash + 1));
  if (!/^[\w.-]+@[\w.-]+$/.test(node) || !/^[\w.-]+$/.test(id)) return undefined;
  return `id == ${celStringLiteral(id)} && gate == ${celStringLiteral(node)}`;
}

/** Returns the index of the value in `name:value` and `name=value`; 0 if there is no name. */
function nameEnd(word: string): number {
  const end = word.search(/[:=]/);
  return end > 0 ? end + 1 : 0;
}

interface NamedValue {
  readonly field: string;
  readonly value: string;
}

/** Parses `uid:u42`, `uid=u42`, `uid: u42`, and `session 5f00…` as printed by gatectl. */
function namedValue(word: string, next: string | undefined): NamedValue | undefined {
  const end = nameEnd(word);
  const name = withoutWrapping(end === 0 ? word : word.slice(0, end - 1));
  const field = fieldByLogName(name);
  if (field === undefined) return undefined;
  const inWord = end === 0 ? '' : withoutWrapping(word.slice(end));
  const isPair = end > 0 || name === 'session' || name === 'uid';
  const text = inWord === '' && isPair ? (next ?? '') : inWord;
  const value = field === 'ip' ? addressIn(text) : text;
  return value === '' || /^[=!<>&|]/.test(value) ? undefined : {field, value};
}

/**
 * Returns an address without its port, like the field `ip`; empty if the text is not an address.
 */
function addressIn(text: string): string {
  const address = clientAddressOfSession(text, 'tcp');
  return isIP(address) === 0 ? '' : address;
}

/**
 * Returns the words to search for, without surrounding quotes. Removes the port of an address, and
 * joins an id that a terminal wrapped.
 */
export function normalizeSearchText(text: string): string {
  const bare = withoutWrapping(text);
  const address = addressIn(text.trim()) || addressIn(bare);
  if (address !== '') return address;
  const joined = bare.replaceAll(/\s/g, '');
  return joined !== bare && /^[\da-f]{12,64}$/i.test(joined) ? joined : bare;
}
