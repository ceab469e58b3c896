import {errorMessage} from '../../base/error-details.js';
import {DecodeError} from '../../base/errors.js';
import {parseStrictJson, type StrictJsonOptions} from '../../session/codec/strict-json.js';

/** Maximum nesting, as for msgpack: deeper than any known document, and safe for the stack. */
const maxDepth = 64;

/** Parses untrusted JSON without losing data, such as digits of large numbers. Throws DecodeError. */
export function parseJsonText(bytes: Uint8Array, options: StrictJsonOptions = {}): unknown {
  checkDepth(bytes);
  try {
    return parseStrictJson(new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes), options);
  } catch (cause) {
    if (cause instanceof DecodeError) throw cause;
    const why = errorMessage(cause);
    throw new DecodeError(`not JSON: ${why}`, {cause});
  }
}

const [quote, backslash] = [0x22, 0x5c];
const opening = new Set([0x5b, 0x7b]);
const closing = new Set([0x5d, 0x7d]);

function checkDepth(bytes: Uint8Array): void {
  let depth = 0;
  let isText = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] as number;
    if (byte === backslash) at += 1;
    else if (byte === quote) isText = !isText;
    else if (isText) continue;
    else if (closing.has(byte)) depth -= 1;
    else if (opening.has(byte)) depth += 1;
    if (depth > maxDepth) throw new DecodeError(`JSON nested deeper than ${maxDepth}`, {offset: at});
  }
}
