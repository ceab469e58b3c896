import {isTerminalSafe, safeJson} from '../text/safe-text.js';

const options = {
  version: '1.1', // what most readers still are: `on` and `y` are quoted
  defaultStringType: 'QUOTE_DOUBLE',
  defaultKeyType: 'PLAIN',
  lineWidth: 0,
} as const;

export type YamlText = (value: unknown) => string;

/**
 * Writes values as YAML. What holds a character that is not for terminals is written as JSON instead, which is YAML too
 * and can escape it.
 */
export async function yamlWriter(): Promise<YamlText> {
  const {default: yaml} = await import('yaml');
  return (value) => {
    const text = yaml.stringify(value, options);
    return isTerminalSafe(text) ? text : `${safeJson(value)}\n`;
  };
}
