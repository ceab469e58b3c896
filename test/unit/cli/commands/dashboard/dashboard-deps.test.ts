import {expect, test} from 'vitest';
import {ExitCode} from '../../../../../src/base/errors.js';
import {findCommand} from '../../../../../src/cli/catalogue.js';
import type {CommandContext} from '../../../../../src/cli/command-context.js';
import {dashboardDeps} from '../../../../../src/cli/commands/dashboard/dashboard-deps.js';
import type {DashboardOptions} from '../../../../../src/tui/dashboard-deps.js';
import {memoryJournal} from '../../../../support/run-cli.js';

test('a write from the dashboard journals its changes and counts', async () => {
  const journal = memoryJournal();
  const setting = (value: string) => ({value, origin: 'default', source: 'default'});
  const context = {
    deps: {journal, actor: 'ops@host', stateFolder: '/nonexistent'},
    connection: async () => ({server: setting('nats://127.0.0.1:4222')}),
    outputOptions: {},
    now: () => 0,
    findCommand,
  } as unknown as CommandContext;
  const {runWrite} = dashboardDeps(context, {server: 'nats://127.0.0.1:4222'} as DashboardOptions);
  await runWrite({path: 'sessions kick', input: {}, reason: ''}, async (changes) => {
    changes.addChange('Gate@a/5f00', {uid: 'u1'}, 'done');
    changes.counts = {done: 1};
    return ExitCode.done;
  });
  expect(journal.lines[1]).toMatchObject({
    phase: 'result',
    changes: [{target: 'Gate@a/5f00', before: {uid: 'u1'}, after: 'done'}],
    counts: {done: 1},
  });
});
