import {errorText} from '../../src/output/text/error-text.js';
import {parseSelector} from '../../src/selector/selector.js';

const wrong = 'guest && uidd == "a"';

/** A command line with a selector that is wrong, and what it prints. */
export async function selectorError(): Promise<string> {
  const error: unknown = await parseSelector(wrong).catch((fault: unknown) => fault);
  const text = errorText(error, {json: false, verbose: false, debug: false});
  return `\`\`\`\n$ gatectl sessions list --where '${wrong}'\n${text}\`\`\``;
}
