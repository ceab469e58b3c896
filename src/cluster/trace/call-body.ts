import {isUtf8} from 'node:buffer';
import {DecodeError} from '../../base/errors.js';
import {decodeArgument} from '../../bus/rpc/arguments.js';
import type {CallEnvelope, ResultEnvelope} from '../../bus/rpc/envelope.js';
import {parseStrictJson} from '../../session/codec/strict-json.js';
import {hidden, secretName} from '../../session/secret-names.js';
import type {Session} from '../../session/session.js';

/** Longest argument or result shown, in characters. */
const longest = 1024;
/** Larger bodies are not parsed, because secrets can't be recognised in truncated JSON. */
const largestText = 64 * 1024;

/** Arguments for display: values with secret-like names are hidden, long ones cut. */
export function displayedArgs({fn, argsType, args}: CallEnvelope): readonly unknown[] {
  return argsType.map((type, at) => {
    const isSecret = fn === 'Set' && at === 3 && secretName.test(Buffer.from(args[2] ?? []).toString());
    return isSecret ? hidden : shownValue(type, args[at] ?? new Uint8Array(0));
  });
}

export function displayedResult({resultType, result}: ResultEnvelope): unknown {
  return shownValue(resultType, result);
}

function shownValue(type: string, bytes: Uint8Array): unknown {
  try {
    return cut(plain(type, bytes));
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

/** JSON as its value, other text as text, anything else as size and a hex prefix. */
function shownBytes(bytes: Uint8Array): unknown {
  if (bytes.length <= largestText && isUtf8(bytes)) return shownText(Buffer.from(bytes).toString(), 0);
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

/** Numbers above 2^53 become text, as in `decode`. */
function shownLong(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** Hides secrets, also in JSON nested inside strings, to a bounded depth. */
function withoutSecrets(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return shownText(value, depth);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > 16) return hidden;
  if (Array.isArray(value)) return value.map((one) => withoutSecrets(one, depth + 1));
  const safe = Object.entries(value).map(([key, one]): [string, unknown] => [
    key,
    secretName.test(key) ? hidden : withoutSecrets(one, depth + 1),
  ]);
  return Object.fromEntries(safe);
}

function cut(value: unknown): unknown {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text.length <= longest) return value;
  return `${text.slice(0, longest)}… (${text.length - longest} more characters)`;
}
