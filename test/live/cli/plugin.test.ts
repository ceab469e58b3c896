import {promises as fs} from 'node:fs';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {testOnScreen} from '../../support/on-screen.js';
import {until} from '../../support/poll.js';
import {cleanEnvironment, type SpawnOptions, spawnGatectl} from '../../support/run-cli.js';
import {openScreen} from '../../support/screen.js';
import {type TemporaryFolder, temporaryFolder} from '../../support/temp.js';

let folder: TemporaryFolder;
let env: Readonly<Record<string, string>>;

const plugins = {
  echo: 'echo "$GATECTL_SERVER $GATECTL_PASSWORD"; echo "$@" >&2; cat; exit $1',
  dies: 'kill -KILL $$',
  traps:
    'trap "echo got INT; exit 3" INT; trap "echo got TERM; exit 4" TERM; echo ready; while :; do sleep 0.05; done',
};

beforeAll(async () => {
  folder = await temporaryFolder();
  for (const [name, script] of Object.entries(plugins))
    await fs.writeFile(path.join(folder.path, `gatectl-${name}`), `#!/bin/sh\n${script}\n`, {mode: 0o755});
  await fs.writeFile(path.join(folder.path, 'gatectl-broken'), '#!/nonexistent/shell\n', {mode: 0o755});
  env = {PATH: `${folder.path}:${process.env['PATH']}`};
});
afterAll(async () => await folder.remove());

const gatectl = (line: readonly string[], options: SpawnOptions = {}) =>
  spawnGatectl(line, {...options, env: {...env, ...options.env}});

describe('a plugin command', () => {
  test('has the streams, the connection and the exit code of the program', async () => {
    const given = {env: {GATECTL_PASSWORD: 'canary'}, input: 'stdin\n'};
    const {code, out, err} = await gatectl(['-s', 'nats://h:1', 'echo', '42', '--flag'], given);
    expect([code, out, err]).toEqual([42, 'nats://h:1 canary\nstdin\n', '42 --flag\n']);
  });

  test('ends with 128 plus the signal that killed it', async () => {
    expect((await gatectl(['dies'])).code).toBe(137);
  });

  test('names the file when it cannot be started', async () => {
    const {code, err} = await gatectl(['broken']);
    expect([code, err]).toEqual([
      2,
      expect.stringContaining(`cannot run the plugin "${folder.path}/gatectl-broken"`),
    ]);
  });

  test.each([
    ['SIGINT', 'got INT', 3],
    ['SIGTERM', 'got TERM', 4],
  ] as const)('gets a %s that was sent to gatectl', async (signal, said, expected) => {
    const {code, out} = await gatectl(['traps'], {
      onStart: (child) => {
        child.stdout?.once('data', () => child.kill(signal));
      },
    });
    expect([code, out]).toEqual([expected, `ready\n${said}\n`]);
  });

  testOnScreen('gets Ctrl-C of the terminal once', async () => {
    const script =
      'trap "echo INT >> $0.log" INT; echo ready; while [ ! -e $0.end ]; do sleep 0.05; done; exit 0';
    const file = path.join(folder.path, 'gatectl-count');
    await fs.writeFile(file, `#!/bin/sh\n${script}\n`, {mode: 0o755});
    await using screen = openScreen(process.execPath, [path.resolve('bin/gatectl.js'), 'count'], {
      env: {...cleanEnvironment(), ...env},
    });
    await screen.shows('ready');
    screen.press('ctrl-c');
    await until(() => fs.readFile(`${file}.log`, 'utf8').catch(() => ''), {what: 'the signal'});
    await fs.writeFile(`${file}.end`, '');
    expect((await screen.ended()).code).toBe(0);
    expect(await fs.readFile(`${file}.log`, 'utf8')).toBe('INT\n');
  });
});
