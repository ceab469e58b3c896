import {readFileSync, readlinkSync} from 'node:fs';

/**
 * Whether the program was started with SIGHUP ignored, as by nohup. Node resets ignored signals before any script runs, so this
 * looks for other signs: the shell's `_` variable contains nohup, output goes to nohup.out, stdin is a write-only /dev/null, or
 * the parent process ignores SIGHUP, which children inherit.
 */
export function isHangupIgnored({env, ppid}: Pick<NodeJS.Process, 'env' | 'ppid'>): boolean {
  return (
    /(?:^|\/)nohup$/.test(env['_'] ?? '') ||
    [1, 2].some((fd) => /(?:^|\/)nohup\.out$/.test(linkOf(fd))) ||
    (linkOf(0) === '/dev/null' && /^flags:\s*\d*1$/m.test(textOf('/proc/self/fdinfo/0'))) ||
    (ppid > 1 && ignoresHangup(textOf(`/proc/${ppid}/status`)))
  );
}

/** Whether a process ignores SIGHUP, according to /proc/<pid>/status. SIGHUP is signal 1, the lowest bit of the mask. */
const ignoresHangup = (status: string): boolean => /^SigIgn:\s*[0-9a-f]*[13579bdf]$/m.test(status);

function linkOf(fd: number): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return ''; // no /proc on this system
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
