import {execFile} from 'node:child_process';
import path from 'node:path';
import {promisify} from 'node:util';
import {expect, test} from 'vitest';
import {describeWith, requireServer} from '../support/servers.js';

/** The add-on's own tests, with each version of mqant that it is for: one source, one go.mod a version. */
describeWith(
  'go',
  'gcc',
  'nats-server',
)('the Go add-on for mqant gates', () => {
  const go = async (...args: readonly string[]): Promise<string> => {
    const options = {cwd: path.resolve('src/addon'), env: {...process.env, CGO_ENABLED: '1'}};
    const {stdout} = await promisify(execFile)(requireServer('go'), args, options);
    return stdout;
  };
  const versions = {
    'v1.2.0': [],
    'v1.4.5': ['-modfile=../../test/interop/addon/v1.4.5.mod'],
    'v1.4.14': ['-modfile=../../test/interop/addon/v1.4.14.mod'],
    'v1.5.3': ['-modfile=../../test/interop/addon/v1.5.3.mod'],
  } as const;

  test.each(Object.entries(versions))(
    'passes go vet and go test -race with mqant %s',
    async (version, flags) => {
      const built = await go('list', ...flags, '-m', '-f', '{{.Version}}', 'github.com/liangdas/mqant');
      expect(built.trim()).toBe(version);
      expect(await go('vet', ...flags, '.')).toBe('');
      const tested = await go('test', '-race', '-v', ...flags, '.');
      expect(tested).toMatch(/^ok\s+gatectl\.dev\/addon/m);
      expect(tested.match(/^--- PASS: /gm)?.length).toBeGreaterThanOrEqual(20);
      expect(tested).not.toMatch(/^--- (?:FAIL|SKIP): /m);
    },
    600_000,
  );
});
