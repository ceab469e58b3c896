import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';

interface Lock {
  readonly packages: Readonly<
    Record<
      string,
      {readonly dev?: boolean; readonly optional?: boolean; readonly engines?: {readonly node?: string}}
    >
  >;
}

const numbers = (text: string): readonly number[] => text.split('.').map(Number);

function isAtLeast(version: readonly number[], least: readonly number[]): boolean {
  for (let at = 0; at < 3; at += 1) {
    const difference = (version[at] ?? 0) - (least[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** Whether one alternative of a range, such as `^20.19.0` or `>= 18`, takes a version of Node. */
function takes(alternative: string, version: readonly number[]): boolean {
  const [, sign = '', least = ''] =
    /^(\^|~|>=|>|)\s*v?(\d+(?:\.\d+){0,2})(?:\.x)*/.exec(alternative.trim()) ?? [];
  if (least === '') return alternative.trim() === '*';
  const same = numbers(least)[0] === version[0];
  return isAtLeast(version, numbers(least)) && (sign.startsWith('>') || same);
}

test('C20: every runtime package supports the oldest declared Node.js', () => {
  const {engines} = JSON.parse(readFileSync('package.json', 'utf8')) as {
    readonly engines: {readonly node: string};
  };
  const oldest = numbers(engines.node.replace('>=', ''));
  const {packages} = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lock;
  const used = Object.entries(packages).filter(([name, {dev}]) => name !== '' && dev !== true);
  expect(used.length).toBeGreaterThan(10);
  const refusing = used.filter(([, {engines: wanted}]) => {
    const range = wanted?.node ?? '*';
    return !range.split('||').some((alternative) => takes(alternative, oldest));
  });
  expect(refusing.map(([name, {engines: wanted}]) => `${name} ${wanted?.node}`)).toEqual([]);
  expect([takes('>=22', oldest), takes('^20.19.0', oldest), takes('^22.1.0', oldest)]).toEqual([
    false,
    true,
    false,
  ]);
});
