import {readFileSync} from 'node:fs';
import {commandReference} from './command-reference.js';
import {mqttRuleTable} from './mqtt-rules.js';
import {selectorError} from './selector-error.js';
import {exitCodeTable, gateConfigTable, gateLimitTable, globalFlagTable} from './setting-tables.js';

/** Parts of the documentation that the program itself provides, by their name in the pages. */
const parts: Readonly<Record<string, () => string | Promise<string>>> = {
  commands: commandReference,
  'global-flags': globalFlagTable,
  'exit-codes': exitCodeTable,
  'gate-config': gateConfigTable,
  'gate-limits': gateLimitTable,
  'mqtt-rules': mqttRuleTable,
  'selector-error': selectorError,
};

/** Pages with generated parts. */
export const generatedPages = [
  'docs/reference/commands.md',
  'docs/reference/configuration.md',
  'docs/reference/exit-codes.md',
  'docs/reference/mqtt.md',
  'docs/reference/selector.md',
];

const part = /(<!-- generated: ([a-z-]+) -->\n)[\s\S]*?(<!-- \/generated -->)/g;

/** The page with each generated part made anew. Rejects when it names an unknown part. */
export async function generated(page: string): Promise<string> {
  const text = readFileSync(page, 'utf8');
  const names = [...text.matchAll(part)].map(([, , name = '']) => name);
  const made = new Map<string, string>();
  for (const name of names) {
    const make = parts[name];
    if (make === undefined) throw new Error(`${page}: no generated part "${name}"`);
    made.set(name, await make());
  }
  return text.replace(
    part,
    (_, begin: string, name: string, end: string) => `${begin}\n${made.get(name)}\n\n${end}`,
  );
}
