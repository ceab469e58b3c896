import {InterruptedError} from '../../base/errors.js';
import {isHangupIgnored} from './nohup.js';
import {isTerminalFd, redirectToNull} from './terminal-fd.js';

export interface SignalHandling {
  /** Whether another program, such as an editor, uses the terminal. Signals typed on the terminal are meant for it. */
  held: boolean;
  /** Receives every signal while another program runs in place of this one. */
  receive: ((signal: NodeJS.Signals) => void) | undefined;
  /** Handles SIGHUP, unless the terminal has been closed. */
  reload: (() => void) | undefined;
}

const endings = ['SIGINT', 'SIGTERM', 'SIGQUIT'] as const;

/**
 * Aborts `stop` on the first signal and then restores the default action, so that a second signal kills the process. SIGHUP
 * never kills it: closing a terminal sends several, from the kernel and the shell, and systemd may send one after SIGTERM.
 */
export function listenToSignals(
  owner: NodeJS.Process,
  stop: () => AbortController,
  state: Readonly<SignalHandling>,
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
      if (state.receive !== undefined) return state.receive(signal);
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
    if (state.receive !== undefined) return state.receive('SIGHUP');
    const isLost = terminals.some((fd) => !isTerminalFd(fd));
    if (isEnding || learn() || hasOtherListener(owner, 'SIGHUP')) return;
    if (!isLost && state.reload !== undefined) return state.reload();
    if (isLost) for (const fd of terminals) redirectToNull(fd);
    end('SIGHUP');
  });
  setImmediate(learn).unref(); // while the parent still runs, but after the first turn, in which short commands end
}

/** Whether the dashboard handles this signal itself, because it has to restore the terminal first. */
const hasOtherListener = (owner: NodeJS.Process, signal: NodeJS.Signals): boolean =>
  owner.listenerCount(signal) > 1;
