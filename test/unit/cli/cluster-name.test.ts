import {describe, expect, test} from 'vitest';
import type {CommandContext} from '../../../src/cli/command-context.js';
import {dashboardOptions} from '../../../src/cli/commands/dashboard/dashboard-deps.js';
import type {FlagValues} from '../../../src/cli/settings/global-flags.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {gatectl, memoryJournal} from '../../support/run-cli.js';

const contexts: Readonly<Record<string, FlagValues>> = {prod: {server: 'nats://prod:4222'}};

const rows = (count: number) => Array.from({length: count}, (_, at) => aRow({userId: `u${at}`}));

async function asked(argv: readonly string[], world: {readonly env?: Readonly<Record<string, string>>} = {}) {
  const journal = memoryJournal();
  const {err} = await gatectl(argv, {
    ...world,
    gates: [new FakeGate('Gate@a', rows(20))],
    contexts,
    selected: 'prod',
    terminal: 'all',
    stdin: 'n\n',
    journal,
  });
  return {err, journal};
}

describe('C5: questions and the journal name the connected cluster', () => {
  test.each([
    [['sessions', 'kick', '--uid', 'u1'], 'prod: kick 1 session'],
    [['sessions', 'kick', '--all'], 'prod: kick all 20 sessions'],
    [['records', 'delete', 'u1', '--kick'], 'prod: delete the record'],
    [['sessions', 'kick', '--uid', 'u1', '--server', 'nats://other'], 'nats://other: kick 1 session'],
    [['sessions', 'kick', '--all', '--server', 'nats://other'], 'nats://other: kick all 20 sessions'],
    [
      ['records', 'delete', 'u1', '--kick', '--registry', 'etcd://other'],
      'nats://prod:4222: delete the record',
    ],
  ])('%j asks "%s"', async (argv, question) => {
    expect((await asked(argv)).err).toContain(question);
  });

  test('a password in the URL of the environment is not part of the name', async () => {
    const {err, journal} = await asked(['sessions', 'kick', '--uid', 'u1'], {
      env: {GATECTL_SERVER: 'nats://op:canary@other'},
    });
    expect(err).toContain('nats://***@other: kick 1 session');
    expect(err + JSON.stringify(journal.lines)).not.toContain('canary');
  });

  test('the journal names the context, or only the server', async () => {
    const fromContext = await asked(['sessions', 'kick', '--uid', 'u1']);
    expect(fromContext.journal.lines[0]).toMatchObject({context: 'prod', server: 'nats://prod:4222'});
    const fromFlag = await asked(['sessions', 'kick', '--uid', 'u1', '--server', 'nats://other']);
    expect(fromFlag.journal.lines[0]).toMatchObject({context: null, server: 'nats://other'});
  });
});

describe("C5: the dashboard's header", () => {
  const choices = {clipboard: false, theme: 'none', ascii: false} as const;
  const aboutOf = (contextName: string | undefined) =>
    dashboardOptions(
      {
        connection: async () => ({
          server: {value: 'nats://op:canary@other', origin: 'flag', source: '--server'},
          registry: {value: 'nats://', origin: 'default', source: 'default'},
          context: {value: 'prod', origin: 'context', source: 'gatectl context use'},
          contextName,
        }),
        outputOptions: {},
        contexts: {colorOf: async () => undefined},
        flags: {},
      } as unknown as CommandContext,
      choices,
    );

  test.each([undefined, 'prod'])('of a server from %s has its name', async (contextName) => {
    const {context, server} = await aboutOf(contextName);
    expect({context, server}).toEqual({context: contextName, server: 'nats://***@other'});
  });
});
