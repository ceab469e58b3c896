import {existsSync, readFileSync} from 'node:fs';

/** Seeds of a target, a line each: hex, or a text in JSON's quotes. */
export function seedsOf(name: string): Buffer[] {
  const file = `test/fuzz/seeds/${name}.txt`;
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) =>
      line.startsWith('"') ? Buffer.from(JSON.parse(line) as string) : Buffer.from(line, 'hex'),
    );
}
