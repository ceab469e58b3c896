/** Writes of libraries that are not ours to show: a warning of ioredis or Node in the middle of a JSON error, or on the dashboard. */
export function quietLibraries(owner: NodeJS.Process, globalConsole: Console): void {
  if (owner.env['GATECTL_DEBUG']) return;
  delete owner.env['DEBUG']; // the package `debug` would write commands with their passwords
  owner.removeAllListeners('warning'); // Node's own, which prints
  owner.on('warning', () => {}); // Node prints again where nobody listens
  for (const name of ['debug', 'log', 'info', 'warn', 'error', 'trace', 'dir'] as const)
    globalConsole[name] = () => {};
}
