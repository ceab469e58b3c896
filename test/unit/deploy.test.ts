import {existsSync, readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {parseLineFast} from '../../src/cli/line/fast/parse-line.js';
import {globalFlags} from '../../src/cli/settings/global-flags.js';

const read = (file: string): string => readFileSync(`docs/deploy/${file}`, 'utf8').replaceAll('\\\n', '');
const container = read('Containerfile');
const units = ['gatectl-gate@.service', 'gatectl-metrics.service'];

/** Settings of a unit; a key that stands several times has its last value. */
const settingsOf = (unit: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...read(unit).matchAll(/^(\w+)=(.*)$/gm)].map(([, key = '', value = '']) => [key, value]),
  );

async function commandOf(words: readonly string[]): Promise<string | undefined> {
  const line = await parseLineFast(words.map((word) => (word === '%i' ? 'a1' : word)));
  return line?.entry.path;
}

describe.each(units)('%s', (unit) => {
  const settings = settingsOf(unit);

  test('starts a command that exists, with flags that it has', async () => {
    const [program, ...words] = (settings['ExecStart'] ?? '').split(' ');
    expect(program).toBe('/usr/local/bin/gatectl');
    expect(await commandOf(words)).toBe(unit.includes('gate@') ? 'gate run' : 'metrics');
    expect(settings['ExecReload']).toBe('/bin/kill -HUP $MAINPID');
  });

  test('runs without root and privileges', () => {
    expect(settings).toMatchObject({
      ...{User: 'gatectl', NoNewPrivileges: 'yes', CapabilityBoundingSet: '', ProtectSystem: 'strict'},
      ...{ProtectHome: 'yes', PrivateTmp: 'yes', SystemCallArchitectures: 'native'},
    });
    expect(settings['MemoryDenyWriteExecute']).toBeUndefined(); // Node would not start
  });

  test('waits longer for the end than the default drain of a gate', () => {
    const seconds = Number(settings['TimeoutStopSec'] ?? 90);
    expect(seconds * 1000).toBeGreaterThan(10_000);
  });

  test('names variables that exist', () => {
    const known = new Set(globalFlags.map(({env}) => env));
    const named = read(unit).match(/GATECTL_[A-Z_]+/g) ?? [];
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe('the Containerfile', () => {
  const words = (key: string): readonly string[] =>
    JSON.parse(new RegExp(`^${key} (\\[.*\\])$`, 'm').exec(container)?.[1] ?? '[]');

  test('starts a command that exists, with flags that it has', async () => {
    expect(words('ENTRYPOINT')).toEqual(['gatectl']);
    expect(await commandOf(words('CMD'))).toBe('gate run');
  });

  test('copies existing files, including all of the package', () => {
    const copied = [...container.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, files = '']) =>
      files.split(' '),
    );
    expect(copied.filter((file) => !existsSync(file))).toEqual([]);
    const {files, bin} = JSON.parse(readFileSync('package.json', 'utf8'));
    const packed = (files as string[])
      .filter((file) => !/^!|^dist$/.test(file))
      .map((file) => file.split('/')[0]);
    expect(copied).toEqual(expect.arrayContaining(packed));
    expect(container).toContain(`/opt/gatectl/${bin.gatectl}`);
  });

  test('runs without root, and checks a port that it exposes', () => {
    expect(container).toMatch(/^USER 1000:1000$/m);
    const [port = ''] = /(?<=connect\()\d+/.exec(container) ?? [];
    expect(container).toMatch(new RegExp(`^EXPOSE .*\\b${port}\\b`, 'm'));
    expect(words('CMD').join(' ')).toContain(`--tcp 0.0.0.0:${port}`);
  });
});
