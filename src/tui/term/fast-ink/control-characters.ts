// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern matches control characters
const anyControl = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern matches colour sequences
const colours = /\u001b\[[\d;]*m/g;

/** Whether the only control characters in a text are line ends and colours. */
export function hasOnlyColours(text: string): boolean {
  if (!anyControl.test(text)) return true;
  return text.includes('\u001b') && !anyControl.test(text.replace(colours, ''));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern matches control characters
const foreign = /\u001b(?!\[[\d;]*m)|[\u0000-\u0009\u000b-\u001a\u001c-\u001f\u007f-\u009f]/g;

/** Replaces every control character except line ends and colours with �. */
export function stripControls(text: string): string {
  return hasOnlyColours(text) ? text : text.replace(foreign, '\ufffd');
}
