import {closestMatch} from '../base/closest-match.js';
import {parseCelDurationMs} from './cel-duration.js';
import {celStringLiteral} from './cel-terms.js';
import {fieldByLogName, findSelectorField, selectorFieldNames} from './selector-fields.js';

/**
 * Returns the most likely meaning of a mistyped selector: `uid contains "28"`, `uid = u28`, `room
 * == "x" and age > 5m`. Returns undefined if there is nothing to correct. The result still needs
 * parsing.
 */
export function correctSelector(text: string): string | undefined {
  const isPlain = !/["'([]/.test(text); // elsewhere a comma separates arguments
  const tokens = tokensOf(isPlain ? text.replaceAll(',', ' && ').replace(';', '') : text);
  const words: string[] = [];
  let at = 0;
  while (at < tokens.length) {
    const comparison = comparisonAt(tokens, at);
    words.push(comparison?.text ?? connective(tokens[at] ?? ''));
    at += comparison?.length ?? 1;
  }
  const corrected = words.join(' ').replaceAll('( ', '(').replaceAll(' )', ')').replaceAll('! ', '!');
  return corrected === text ? undefined : corrected;
}

/** Whether the text looks like a selector rather than search words. */
export function looksLikeSelector(text: string): boolean {
  const tokens = tokensOf(text);
  if (tokens.length === 1 && quotedAt(text.trim()) !== undefined) return false;
  if (/&&|\|\||[\w\])]\s{0,9}(?:==|!=|<=|>=)\s{0,9}["'\w]/.test(text)) return true;
  if (/^[\s(!]{0,9}[A-Za-z_][\w.]*\s(?:=|=~|~|<|>|<>)\s/.test(text)) return true;
  const [name = '', second = '', third = ''] = tokens.filter((token) => token !== '(' && token !== '!');
  const [field = ''] = name.split(/[.[]/);
  if (findSelectorField(field) === undefined) return false;
  return field !== name || operatorOf(second, third) !== undefined || second === 'in';
}

const operators = [
  '&&',
  '||',
  '==',
  '!=',
  '<=',
  '>=',
  '<>',
  '=~',
  '=',
  '<',
  '>',
  '~',
  '!',
  '(',
  ')',
] as const;

/** Splits the text into quoted strings, operators and words. */
function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const token = quotedAt(rest) ?? operators.find((one) => rest.startsWith(one)) ?? wordAt(rest);
    tokens.push(token);
    rest = rest.slice(token.length).trimStart();
  }
  return tokens;
}

function quotedAt(text: string): string | undefined {
  const [quote = ''] = text;
  if (quote !== '"' && quote !== "'") return undefined;
  for (let at = 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === quote) return text.slice(0, at + 1);
  }
  return undefined;
}

/**
 * Returns the word at the start of the text. Brackets and calls belong to a word: `settings["a
 * b"]`, `uid.contains("x")`.
 */
function wordAt(text: string): string {
  let at = 1;
  while (at < text.length && !/[\s=<>!~&|)]/.test(text[at] ?? '')) {
    const opened = text[at] === '(' || text[at] === '[';
    const quoted = opened ? quotedAt(text.slice(at + 1)) : undefined;
    at += 1 + (quoted?.length ?? 0);
    if (opened && /[)\]]/.test(text[at] ?? '')) at += 1;
  }
  return text.slice(0, at);
}

function connective(token: string): string {
  const names: Readonly<Record<string, string>> = {and: '&&', or: '||', not: '!'};
  return names[token.toLowerCase()] ?? token;
}

interface Corrected {
  readonly text: string;
  /** Number of tokens consumed. */
  readonly length: number;
}

function comparisonAt(tokens: readonly string[], at: number): Corrected | undefined {
  const [name = '', first = '', second = ''] = tokens.slice(at, at + 3);
  const field = fieldText(name);
  const operator = operatorOf(first, second);
  if (field === undefined || operator === undefined) return undefined;
  const value = tokens[at + 1 + operator.length];
  if (value === undefined || connective(value) !== value) return undefined;
  const text = comparisonText(field, operator.means, value);
  return text === undefined ? undefined : {text, length: 2 + operator.length};
}

/** Returns the field that a name refers to. An unknown name refers to a setting. */
function fieldText(name: string): string | undefined {
  if (findSelectorField(name) !== undefined) return name;
  const named = fieldByLogName(name);
  if (named !== undefined) return named;
  if (/^settings(?:\.\w+|\["[^"\\]*"\])$/.test(name)) return name;
  if (/^(?:connectedAt|lastActiveAt)$/i.test(name)) return undefined; // times, which selectors compare as age and idle
  const near = name.length > 3 ? closestMatch(name, selectorFieldNames, 1) : undefined; // "vip" is no "ip"
  if (near !== undefined && near[0] === name[0]) return near;
  return /^[A-Za-z_]\w*$/.test(name) && connective(name) === name ? `settings.${name}` : undefined;
}

type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'contains' | 'startsWith' | 'endsWith' | 're';

const meanings: Readonly<Record<string, Operator>> = {
  ...{'==': '==', '=': '==', is: '==', equals: '==', eq: '==', ':': '=='},
  ...{'!=': '!=', '<>': '!=', ne: '!='},
  ...{'<': '<', '<=': '<=', '>': '>', '>=': '>='},
  ...{contains: 'contains', has: 'contains', includes: 'contains', like: 'contains', '~': 'contains'},
  ...{startswith: 'startsWith', endswith: 'endsWith', matches: 're', '=~': 're'},
};

const pairs: Readonly<Record<string, Operator>> = {
  ...{'is not': '!=', 'starts with': 'startsWith', 'begins with': 'startsWith', 'ends with': 'endsWith'},
};

function operatorOf(
  first: string,
  second: string,
): {readonly means: Operator; readonly length: number} | undefined {
  const both = pairs[`${first} ${second}`.toLowerCase()];
  if (both !== undefined) return {means: both, length: 2};
  const key = first.toLowerCase();
  const means = Object.hasOwn(meanings, key) ? meanings[key] : undefined;
  return means === undefined ? undefined : {means, length: 1};
}

function comparisonText(field: string, operator: Operator, value: string): string | undefined {
  const type = findSelectorField(field)?.type ?? 'string';
  const bare = unquoted(value);
  if (type === 'duration') {
    if (value.startsWith('duration(')) return `${field} ${operator} ${value}`;
    return parseCelDurationMs(bare) === undefined
      ? undefined
      : `${field} ${operator} duration(${celStringLiteral(bare)})`;
  }
  if (/^(?:null|nil|none)$/i.test(value)) return absenceText(field, operator);
  if (type !== 'string') return `${field} ${operator} ${bare}`;
  if (operator === 'contains' && /[%*]/.test(bare)) return likeText(field, bare);
  if (/^[<>]/.test(operator) && /^-?\d{1,15}$/.test(bare)) return `int(${field}) ${operator} ${bare}`;
  const text = celStringLiteral(field === 'network' ? networkName(bare) : bare);
  if (operator === 're') return `re(${field}, ${text})`;
  return /^[a-z]/.test(operator) ? `${field}.${operator}(${text})` : `${field} ${operator} ${text}`;
}

/** Returns the meaning of a comparison with null: no uid, or no such setting. Other fields always have a value. */
function absenceText(field: string, operator: Operator): string | undefined {
  if (operator !== '==' && operator !== '!=') return undefined;
  const isAbsent = operator === '==';
  if (field === 'uid') return isAbsent ? 'guest' : '!guest';
  if (!field.startsWith('settings.')) return undefined;
  return isAbsent ? `!has(${field})` : `has(${field})`;
}

const networkName = (text: string): string => {
  const name = text.toLowerCase();
  return name === 'ws' ? 'websocket' : name;
};

/** In a pattern of SQL's `like`, `%` at either end stands for any text; so does `*`. */
function likeText(field: string, pattern: string): string {
  const [isOpenStart, isOpenEnd] = [/^[%*]/.test(pattern), /[%*]$/.test(pattern)];
  const text = celStringLiteral(pattern.slice(isOpenStart ? 1 : 0, isOpenEnd ? -1 : undefined));
  if (!isOpenStart && !isOpenEnd) return `${field} == ${text}`;
  return `${field}.${isOpenStart && isOpenEnd ? 'contains' : isOpenStart ? 'endsWith' : 'startsWith'}(${text})`;
}

function unquoted(value: string): string {
  const isQuoted = value.length > 1 && /^["']/.test(value);
  return isQuoted ? value.slice(1, -1).replaceAll(/\\(.)/g, '$1') : value;
}
