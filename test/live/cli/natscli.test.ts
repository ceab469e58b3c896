import {execFile} from 'node:child_process';
import {promisify} from 'node:util';
import {expect, test} from 'vitest';
import {startDev} from '../../support/dev-process.js';
import {startNats} from '../../support/nats.js';
import {cleanEnvironment, spawnGatectl} from '../../support/run-cli.js';
import {describeWith, findProgram} from '../../support/servers.js';
import {temporaryFolder} from '../../support/temp.js';

const run = promisify(execFile);

describeWith('nats', 'nats-server')('with the real natscli', () => {
  const nats = (folder: string, ...argv: readonly string[]) =>
    run(findProgram('nats') ?? 'nats', [...argv], {
      env: {...cleanEnvironment(), XDG_CONFIG_HOME: folder},
      timeout: 15_000,
    });

  test('uses a context that natscli wrote', async () => {
    await using folder = await temporaryFolder();
    await using server = await startNats('authorization { user: "op", password: "pass word" }');
    await nats(
      folder.path,
      'context',
      'add',
      'real',
      '--server',
      server.url,
      '--user',
      'op',
      '--password',
      'pass word',
    );
    const env = {XDG_CONFIG_HOME: folder.path};
    const {code, err} = await spawnGatectl(['gates', 'list', '--nats-context', 'real'], {env});
    expect({code, err}).toEqual({code: 8, err: expect.stringContaining('no gate of type "Gate"')});
    const {out} = await spawnGatectl(['context', 'show', '--nats-context', 'real'], {env});
    expect(out).toContain('password\tset\tnatscli context "real"');
    expect(out).not.toContain('pass word');
  });

  test('shows gatectl gates in "nats micro ls"', async () => {
    await using dev = await startDev('--gates', '2');
    const server = /nats:\/\/[\d.:]+/.exec(dev.said())?.[0] ?? '';
    const {stdout} = await nats(
      dev.env['XDG_CONFIG_HOME'] ?? '',
      '--server',
      server,
      'micro',
      'ls',
      '--json',
    );
    const found = JSON.parse(stdout) as readonly {readonly name: string; readonly id: string}[];
    expect(
      found
        .filter(({name}) => name === 'mqant-Gate')
        .map(({id}) => id)
        .sort(),
    ).toEqual(['a1', 'a2']);
  });
});
