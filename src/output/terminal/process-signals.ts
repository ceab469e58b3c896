import {InterruptedError} from '../../base/errors.js';
import {isHangupIgnored} from './nohup.js';
import {isTerminalFd, redirectToNull} from './terminal-fd.js';

export interface SignalState {
  /** Another program has the terminal, and what is typed there is meant for it. */
  held: boolean;
  /** Takes SIGHUP while the terminal is still there. */
  reload: (() => void) | undefined;
}

const endings = ['SIGINT', 'SIGTERM', 'SIGQUIT'] as const;

/**
 * The first signal lets the command end in order; then the default is back, so that a second one kills. SIGHUP never kills:
 * a closed terminal sends it more than once, from the kernel and from the shell, and systemd may send it after SIGTERM.
 */
export function listenToSignals(
  owner: NodeJS.Process,
  stop: () => AbortController,
  state: Readonly<SignalState>,
): void {
  const terminals = [0, 1, 2].filter(isTerminalFd);
  let isEnding = false;
  let isIgnored: boolean | undefined;
  const end = (signal: 'SIGHUP' | (typeof endings)[number]): void => {
    isEnding = true;
    for (const [other, known] of listeners) owner.removeListener(other, known);
    stop().abort(new InterruptedError(signal));
  };
  const listeners = endings.map((signal) => {
    const listener = (): void => {
      const isOfTerminal = signal !== 'SIGTERM';
      if ((state.held && isOfTerminal) || hasOtherListener(owner, signal)) return;
      end(signal);
    };
    owner.on(signal, listener);
    return [signal, listener] as const;
  });
  const learn = (): boolean => {
    isIgnored ??= isHangupIgnored(owner);
    return isIgnored;
  };
  owner.on('SIGHUP', () => {
    const isLost = terminals.some((fd) => !isTerminalFd(fd));
    if (isEnding || learn() || hasOtherListener(owner, 'SIGHUP')) return;
    if (!isLost && state.reload !== undefined) return state.reload();
    if (isLost) for (const fd of terminals) redirectToNull(fd);
    end('SIGHUP');
  });
  setImmediate(learn).unref(); // while the parent is there; a command that ends in its first turn is spared it
}

/** A screen takes SIGHUP and SIGQUIT itself, because it has to leave the terminal first. */
const hasOtherListener = (owner: NodeJS.Process, signal: NodeJS.Signals): boolean =>
  owner.listenerCount(signal) > 1;
