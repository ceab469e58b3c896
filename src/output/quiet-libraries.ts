/** Silences libraries and Node's warnings, whose output would end up inside a JSON error or on the dashboard. */
export function quietLibraries(owner: NodeJS.Process, globalConsole: Console): void {
  if (owner.env['GATECTL_DEBUG']) return;
  delete owner.env['DEBUG']; // the `debug` package would print commands with their passwords
  owner.removeAllListeners('warning'); // removes Node's own listener, which prints
  owner.on('warning', () => {}); // with no listener at all, Node prints, too
  for (const name of ['debug', 'log', 'info', 'warn', 'error', 'trace', 'dir'] as const)
    globalConsole[name] = () => {};
}
