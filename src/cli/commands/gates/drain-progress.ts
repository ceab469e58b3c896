import type {DrainOptions} from '../../../cluster/write/drain-gates.js';
import {progressBar} from '../../../output/terminal/progress.js';
import {formatCount} from '../../../output/text/humanize.js';
import type {CommandContext} from '../../command-context.js';
import {noticeAndFlush} from '../../show/notices.js';

/** Interval between notices when stderr is not a terminal, in milliseconds. */
const noticeMs = 10_000;

type DrainProgressWriter = Pick<DrainOptions, 'onProgress' | 'onPause'> & {end(): Promise<void>};

/** Shows a drain's progress as a bar on a terminal, otherwise as a notice every ten seconds. Reports pauses with their reason. */
export function createDrainProgress(context: CommandContext): DrainProgressWriter {
  const {io, outputOptions, now} = context;
  let bar: ReturnType<typeof progressBar> | undefined;
  let drawn = 0;
  let noticedAt = now();
  let writing = Promise.resolve();
  const write = (work: () => Promise<void>): void => {
    writing = writing.then(work).catch(() => {}); // a broken stderr must not stop the drain
  };
  return {
    onProgress: ({sessions, left}) => {
      if (outputOptions.quiet) return;
      if (io.err.isTerminal) {
        bar ??= progressBar(io.err, {what: 'drain', total: sessions, now});
        const by = sessions - left - drawn;
        if (by <= 0) return;
        drawn += by;
        write(() => bar?.step(by) ?? Promise.resolve());
      } else if (now() - noticedAt >= noticeMs) {
        noticedAt = now();
        write(() =>
          noticeAndFlush(context, `drain: ${formatCount(left)} of ${formatCount(sessions)} sessions left`),
        );
      }
    },
    onPause: (why) =>
      write(async () => {
        await bar?.end();
        await noticeAndFlush(context, why === undefined ? 'evictions resumed' : `evictions paused: ${why}`);
      }),
    end: async () => {
      await writing;
      await bar?.end();
    },
  };
}
