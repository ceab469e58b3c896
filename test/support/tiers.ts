/**
 * Two tiers of tests. The everyday tier (`npm test`) runs all of test/unit and the files listed here, which touch each
 * real part once. Everything runs in CI, with `npm run test:all`, and when files or names are given.
 */
export const isThorough = Boolean(process.env['CI']) || process.env['GATECTL_TESTS'] === 'all';

/** How often to try a property: in full where everything runs, a tenth of it every day. */
export const runs = (full: number): number => (isThorough ? full : Math.ceil(full / 10));

/** The quick files of test/live and test/interop: real servers, MQTT clients, the built program, a terminal, a Go gate. */
export const everydayFiles: readonly string[] = [
  'live/bus/{calls,connect}',
  'live/cli/{bind-race,bulk,context,decode-input,journal,process,records,start}',
  'live/docs-blocks',
  'live/dev/{child,nats-server,returning-players}',
  'live/gate/{bad-input,clients,contract,keep-alive,late,malformed,persistence,websocket-abuse}',
  'live/module/sample',
  'live/registry/{consul-access,etcd-access,nats-discovery}',
  'live/seed/session-document',
  'live/storage/limits',
  'live/tui/job-control',
  'interop/every-day',
].map((name) => `test/${name}.test.ts`);

/** Whether a command line of vitest selects tests by file or by name. */
export function selectsTests(argv: readonly string[]): boolean {
  const rest = argv.filter((word, at) => !(at === 0 && ['run', 'watch', 'list', 'bench'].includes(word)));
  return rest.some((word) => !word.startsWith('--') || word.startsWith('--testNamePattern'));
}
