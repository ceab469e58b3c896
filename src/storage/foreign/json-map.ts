import {isUtf8} from 'node:buffer';
import {errorMessage} from '../../base/error-details.js';
import {DecodeError} from '../../base/errors.js';
import type {ForeignFormat, ForeignMap, ForeignMember, NamedSource} from './foreign-map.js';

const byteOrderMark = '\ufeff';

/** JSON. White space, key order and spelling of everything unchanged are preserved. */
export const jsonFormat: ForeignFormat = {
  read(bytes) {
    if (!isUtf8(bytes)) throw new DecodeError('not JSON: it contains invalid UTF-8');
    const text = bytes.toString();
    const start = text.startsWith(byteOrderMark) ? 1 : 0;
    const value = parsed(text.slice(start));
    if (!isObject(value)) throw new DecodeError('not a session: the JSON is not an object');
    return objectAt(text, skipSpace(text, start), [0, text.length]);
  },
  text: (value) => JSON.stringify(value),
  map: (entries) => `{${entries.map(([key, value]) => memberSource(key, ':', JSON.stringify(value)))}}`,
  bytes: (source) => Buffer.from(source),
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DecodeError(`not JSON: ${errorMessage(cause)}`, {cause});
  }
}

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const memberSource = (key: string, colon: string, value: string): string =>
  `${JSON.stringify(key)}${colon}${value}`;

/** The source of a member. `lead` and `trail` are the surrounding white space; `colon` separates name and value. */
interface Piece {
  readonly lead: string;
  readonly key: string;
  readonly colon: string;
  readonly value: string;
  readonly trail: string;
}

class JsonMember implements ForeignMember {
  readonly key: string;

  constructor(readonly piece: Piece) {
    this.key = JSON.parse(piece.key) as string;
  }

  get text(): string | null | undefined {
    const {value} = this.piece;
    if (value === 'null') return null;
    return value.startsWith('"') ? (JSON.parse(value) as string) : undefined;
  }

  map(): ForeignMap | undefined {
    const {value} = this.piece;
    return value.startsWith('{') ? objectAt(value, 0, [0, value.length]) : undefined;
  }
}

class JsonMap implements ForeignMap {
  constructor(
    readonly members: readonly JsonMember[],
    private readonly before: string,
    private readonly empty: string,
    private readonly behind: string,
  ) {}

  edited(changed: ReadonlyMap<ForeignMember, string | undefined>, added: readonly NamedSource[]): string {
    const kept = this.members.flatMap((member) => {
      const {piece} = member;
      const value = changed.has(member) ? changed.get(member) : piece.value;
      return value === undefined ? [] : [{...piece, value}];
    });
    const {lead = '', colon = ':'} = this.members.at(-1)?.piece ?? {};
    const fresh = added.map(([key, value]) => ({lead, key: JSON.stringify(key), colon, value, trail: ''}));
    const pieces = [...kept, ...fresh];
    const between = this.members.length > 1 ? (this.members[0]?.piece.trail ?? '') : '';
    const end = this.members.at(-1)?.piece.trail ?? '';
    const isSame = fresh.length === 0 && kept.length === this.members.length;
    const sources = pieces.map(({trail, ...piece}, at) => {
      const last = at === pieces.length - 1 ? end : at === kept.length - 1 ? between : trail;
      return `${piece.lead}${piece.key}${piece.colon}${piece.value}${isSame ? trail : last}`;
    });
    return `${this.before}{${pieces.length === 0 ? this.empty : sources.join(',')}}${this.behind}`;
  }
}

/** Parses the object that starts at `open` in valid JSON, and keeps the surrounding text from `from` to `to`. */
function objectAt(text: string, open: number, [from, to]: readonly [number, number]): JsonMap {
  const members: JsonMember[] = [];
  let at = open + 1;
  let close = skipSpace(text, at);
  const empty = text.slice(at, text[close] === '}' ? close : at);
  while (text[close] !== '}') {
    const start = skipSpace(text, at);
    const keyEnd = endOfString(text, start);
    const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const valueEnd = endOfValue(text, valueStart);
    close = skipSpace(text, valueEnd);
    members.push(
      new JsonMember({
        lead: text.slice(at, start),
        key: text.slice(start, keyEnd),
        colon: text.slice(keyEnd, valueStart),
        value: text.slice(valueStart, valueEnd),
        trail: text.slice(valueEnd, close),
      }),
    );
    at = close + 1;
  }
  return new JsonMap(members, text.slice(from, open), empty, text.slice(close + 1, to));
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1;
  return at;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** Returns the end of a value in valid JSON. Works without recursion at any nesting depth. */
function endOfValue(text: string, start: number): number {
  let depth = 0;
  let at = start;
  do {
    const character = text[at] ?? '';
    if (character === '"') at = endOfString(text, at);
    else {
      if (character === '{' || character === '[') depth += 1;
      else if (character === '}' || character === ']') depth -= 1;
      else if (depth === 0) return endOfScalar(text, at);
      at += 1;
    }
  } while (depth > 0);
  return at;
}

/** Returns the end of a number, true, false or null. */
function endOfScalar(text: string, start: number): number {
  let at = start;
  while (at < text.length && !/[\s,}\]]/.test(text[at] ?? '')) at += 1;
  return at;
}
