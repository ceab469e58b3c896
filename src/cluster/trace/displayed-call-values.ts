import {isUtf8} from 'node:buffer';
import {DecodeError} from '../../base/errors.js';
import type {CallEnvelope, ResultEnvelope} from '../../bus/rpc/envelope.js';
import {decodeArgument} from '../../bus/rpc/rpc-arguments.js';
import {parseStrictJson} from '../../session/codec/strict-json.js';
import {hiddenSecretText, secretNamePattern} from '../../session/secret-names.js';
import type {Session} from '../../session/session.js';

/** Default maximum length of a displayed argument or result, in characters. */
const defaultBodyChars = 1024;
/**
 * Maximum size of a body that is parsed. Larger ones are not shown as text, because secrets can't be recognised in
 * truncated JSON.
 */
const maxTextBytes = 64 * 1024;

/** Returns a call's arguments for display. Values with secret-like names are hidden, long ones truncated. */
export function displayedCallArguments(
  {fn, argsType, args}: CallEnvelope,
  maxChars = defaultBodyChars,
): readonly unknown[] {
  return argsType.map((type, at) => {
    const isSecret =
      fn === 'Set' && at === 3 && secretNamePattern.test(Buffer.from(args[2] ?? []).toString());
    return isSecret ? hiddenSecretText : shownValue(type, args[at] ?? new Uint8Array(0), maxChars);
  });
}

export function displayedCallResult(
  {resultType, result}: ResultEnvelope,
  maxChars = defaultBodyChars,
): unknown {
  return shownValue(resultType, result, maxChars);
}

function shownValue(type: string, bytes: Uint8Array, maxChars: number): unknown {
  try {
    return cut(plain(type, bytes), maxChars);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return {undecodable: type, bytes: bytes.length};
  }
}

function plain(type: string, bytes: Uint8Array): unknown {
  const argument = decodeArgument(type, bytes);
  switch (argument.type) {
    case 'null':
      return null;
    case 'bytes':
    case 'ProtocolMarshal':
    case 'other':
      return shownBytes(argument.value);
    case 'SESSION':
      return shownSession(argument.value);
    case 'long':
      return shownLong(argument.value);
    case 'map':
    case 'mapstr':
      return withoutSecrets(argument.value);
    case 'string':
      return shownText(argument.value, 0);
    default:
      return argument.value;
  }
}

function shownSession({sessionId, userId, serverId, ip, topic, settings}: Session): object {
  return {id: sessionId, uid: userId, gate: serverId, ip, topic, settings: withoutSecrets(settings)};
}

/** Returns JSON as its value, other text as a string, and anything else as its size and the first bytes in hex. */
function shownBytes(bytes: Uint8Array): unknown {
  if (bytes.length <= maxTextBytes && isUtf8(bytes)) return shownText(Buffer.from(bytes).toString(), 0);
  return {bytes: bytes.length, hex: Buffer.from(bytes.subarray(0, 64)).toString('hex')};
}

function shownText(text: string, depth: number): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return withoutSecrets(parseStrictJson(text, {rounded: 'text'}), depth + 1);
  } catch (error) {
    return error instanceof DecodeError ? {undecodable: error.message} : text;
  }
}

/** Returns numbers above 2^53 as strings, as `decode` does. */
function shownLong(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** Hides secrets, including those in JSON nested inside strings, up to a maximum depth. */
function withoutSecrets(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return shownText(value, depth);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > 16) return hiddenSecretText;
  if (Array.isArray(value)) return value.map((one) => withoutSecrets(one, depth + 1));
  const safe = Object.entries(value).map(([key, one]): [string, unknown] => [
    key,
    secretNamePattern.test(key) ? hiddenSecretText : withoutSecrets(one, depth + 1),
  ]);
  return Object.fromEntries(safe);
}

function cut(value: unknown, maxChars: number): unknown {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text.length <= maxChars) return value;
  return `${text.slice(0, maxChars)}… (${text.length - maxChars} more characters)`;
}
