/**
 * Indents valid JSON by changing only white space. Unlike JSON.parse, keeps all digits of numbers
 * and duplicate members.
 */
export function indentedJson(text: string): string {
  let depth = 0;
  let out = '';
  const newLine = (): string => `\n${'  '.repeat(depth)}`;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '"') {
      const end = stringEnd(text, at);
      out += text.slice(at, end);
      at = end - 1;
    } else if (character === '{' || character === '[') {
      const close = nextToken(text, at + 1);
      const isEmpty = text[close] === '}' || text[close] === ']';
      if (isEmpty) {
        out += character + (text[close] ?? '');
        at = close;
      } else {
        depth += 1;
        out += character + newLine();
      }
    } else if (character === '}' || character === ']') {
      depth -= 1;
      out += newLine() + character;
    } else if (character === ',') out += character + newLine();
    else if (character === ':') out += ': ';
    else if (!isSpace(character)) out += character;
  }
  return out;
}

function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function nextToken(text: string, from: number): number {
  let at = from;
  while (isSpace(text[at])) at += 1;
  return at;
}

const isSpace = (character: string | undefined): boolean =>
  character === ' ' || character === '\n' || character === '\t' || character === '\r';
