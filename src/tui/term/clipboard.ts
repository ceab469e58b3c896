/** The longest text that terminals take: xterm's limit for one sequence. */
const maxBytes = 74_994;

/** The sequence that puts a text into the clipboard (OSC 52); undefined where the terminal can't or it is too long. */
export function clipboardSequence(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const bytes = Buffer.from(text);
  if (env['TERM'] === 'linux' || bytes.length > maxBytes) return undefined;
  const sequence = `\u001b]52;c;${bytes.toString('base64')}\u0007`;
  // GNU screen hands on what stands in a DCS, up to 768 bytes of it
  if (env['STY'] === undefined) return sequence;
  return sequence.length <= 700 ? `\u001bP${sequence}\u001b\\` : undefined;
}
