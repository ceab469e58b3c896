import {describe, expect, test} from 'vitest';
import {
  addRequirement,
  isGoVersionAtLeast,
  natsVersionForMqant,
  parseGoMod,
  removeRequirement,
} from '../../../../../src/cli/commands/addon/go-mod-file.js';

const blocks = `// a game
module "example.com/game" // quoted

go 1.11

require (
	github.com/liangdas/mqant v1.4.5 // pinned
	golang.org/x/net v0.1.0
)

require github.com/pkg/errors v0.8.1
replace github.com/liangdas/mqant => ../mqant
`;

describe('go.mod', () => {
  test('module and requirements are read from blocks and single lines', () => {
    expect(parseGoMod(blocks)).toEqual({
      module: 'example.com/game',
      requires: new Map([
        ['github.com/liangdas/mqant', 'v1.4.5'],
        ['golang.org/x/net', 'v0.1.0'],
        ['github.com/pkg/errors', 'v0.8.1'],
      ]),
    });
    expect(parseGoMod('module (\n\texample.com/other\n)\n')?.module).toBe('example.com/other');
    expect(parseGoMod('// module x\n')).toBeUndefined();
  });

  test.each([
    ['in a block', blocks],
    ['on a line of its own', 'module m\n\nrequire github.com/liangdas/mqant v1.2.0\n'],
    ['with CRLF', 'module m\r\n\r\nrequire (\r\n\tgithub.com/liangdas/mqant v1.2.0\r\n)\r\n'],
  ])('a requirement is added below mqant and removed again: %s', (_, text) => {
    const added = addRequirement(text, 'github.com/nats-io/nats.go v1.9.1');
    expect(parseGoMod(added)?.requires.get('github.com/nats-io/nats.go')).toBe('v1.9.1');
    expect(added.split('\n')).toHaveLength(text.split('\n').length + 1);
    expect(added.includes('\r')).toBe(text.includes('\r'));
    expect(removeRequirement(added, 'github.com/nats-io/nats.go v1.9.1')).toBe(text);
  });

  test('a changed requirement is not removed', () => {
    const text = 'module m\nrequire github.com/nats-io/nats.go v1.12.0\n';
    expect(removeRequirement(text, 'github.com/nats-io/nats.go v1.9.1')).toBeUndefined();
  });

  test.each([
    ['v1.2.0', 'v1.9.1'],
    ['v1.3.99', 'v1.9.1'],
    ['v1.5.0', 'v1.9.1'],
    ['v1.5.1', 'v1.25.0'],
    ['v1.5.4-0.20240101000000-abcdef123456', 'v1.25.0'],
    ['v2.0.0', 'v1.25.0'],
  ])('mqant %s comes with nats.go %s', (mqant, nats) => expect(natsVersionForMqant(mqant)).toBe(nats));

  test('versions are compared by number', () => {
    expect(isGoVersionAtLeast('v1.10.0', [1, 2, 0])).toBe(true);
    expect(isGoVersionAtLeast('v1.1.9', [1, 2, 0])).toBe(false);
  });
});
