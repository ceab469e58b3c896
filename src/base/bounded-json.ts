/** Deeper than any gatectl document. JSON.parse needs about 50 bytes per level, so 64 MB of brackets would take 3 GB. */
const maxDepth = 1000;
/** Length in characters from which nesting is checked. Shorter texts can't nest deep enough to exhaust memory. */
const checkedFrom = 64 * 1024;

/** Parses untrusted JSON. Throws SyntaxError for invalid JSON and for more than 1000 levels of nesting. */
export function parseBoundedJson(text: string): unknown {
  if (text.length > checkedFrom && isDeep(text)) {
    throw new SyntaxError(`JSON is nested deeper than ${maxDepth} levels`);
  }
  return JSON.parse(text);
}

function isDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === backslash) at += 1;
      else if (code === quote) inString = false;
    } else if (code === quote) inString = true;
    else if (code === openArray || code === openObject) {
      depth += 1;
      if (depth > maxDepth) return true;
    } else if (code === closeArray || code === closeObject) depth -= 1;
  }
  return false;
}

const [quote, backslash, openArray, closeArray, openObject, closeObject] = [
  0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d,
];
