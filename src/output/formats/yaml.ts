import {isTerminalSafe, safeJson} from '../text/safe-text.js';

const options = {
  version: '1.1', // most parsers still read YAML 1.1, so `on` and `y` must be quoted
  defaultStringType: 'QUOTE_DOUBLE',
  defaultKeyType: 'PLAIN',
  lineWidth: 0,
} as const;

type YamlText = (value: unknown) => string;

/** Returns a YAML encoder. It writes a value with invisible characters as JSON, which is valid YAML and can escape them. */
export async function loadYamlEncoder(): Promise<YamlText> {
  const {default: yaml} = await import('yaml');
  return (value) => {
    const text = yaml.stringify(value, options);
    return isTerminalSafe(text) ? text : `${safeJson(value)}\n`;
  };
}
