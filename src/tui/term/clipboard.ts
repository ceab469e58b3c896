/** xterm's limit for one OSC 52 sequence, in bytes. */
const maxBytes = 74_994;

/**
 * Returns the OSC 52 sequence that copies a text; undefined if copying is unsupported or the text
 * is too long.
 */
export function clipboardSequence(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const bytes = Buffer.from(text);
  if (env['TERM'] === 'linux' || bytes.length > maxBytes) return undefined;
  const sequence = `\u001b]52;c;${bytes.toString('base64')}\u0007`;
  // GNU screen passes on a DCS of up to 768 bytes.
  if (env['STY'] === undefined) return sequence;
  return sequence.length <= 700 ? `\u001bP${sequence}\u001b\\` : undefined;
}
