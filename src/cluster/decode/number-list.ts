/** Matches the numbers between brackets, such as `10, 14` in `[10, 14]`. */
const bracketed = /[[{(]([\s,\dA-Fa-fx-]*)[\]})]/g;

/** Matches the declaration around a list: `unsigned char data[] = ;`, `Uint8Array(3)`, `[]byte`, `new byte[]`. */
const declaration = /^[\w\s[\](){}=;:&*!.]*$/;

/** The JSON of a Node Buffer, without its list. */
const nodeBuffer = /^\{\s*"type"\s*:\s*"Buffer"\s*,\s*"data"\s*:\s*\}$/;

/** Maximum length of a declaration. */
const maxDeclaration = 200;

/**
 * Reads a list of bytes: `[10 14 49]`, as Go prints a []byte, and arrays in the syntax of Go, C (`xxd -i`), Java, JavaScript,
 * Python and Rust. Negative numbers are Java's signed bytes. Returns undefined for anything else.
 */
export function bytesOfNumberList(text: string): Buffer | undefined {
  let longest: RegExpExecArray | undefined;
  for (const match of text.matchAll(bracketed))
    if (longest === undefined || match[0].length > longest[0].length) longest = match;
  const [list, items = ''] = longest ?? [];
  if (list === undefined) return undefined;
  const around = text.replace(list, () => '').trim();
  if (around.length > maxDeclaration || !(declaration.test(around) || nodeBuffer.test(around)))
    return undefined;
  const numbers = items
    .split(/[\s,]+/)
    .filter((word) => word !== '')
    .map(Number);
  const areBytes = numbers.every((number) => Number.isInteger(number) && number >= -128 && number <= 255);
  return areBytes ? Buffer.from(numbers) : undefined;
}
