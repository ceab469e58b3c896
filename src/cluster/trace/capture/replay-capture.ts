import {NodeNames} from '../naming/node-names.js';
import type {CallQuery} from '../trace-query.js';
import {TraceState} from '../trace-state.js';
import type {TraceEvent} from '../traced-call.js';
import {readCaptureFile} from './capture-file.js';

/** Number of frames processed before events are emitted. */
const framesPerTurn = 1000;

/**
 * Replays a capture file as a trace, using the times in the capture. Throws UsageError if the file can't be read, and
 * DecodeError if it is not a capture.
 */
export async function* replayCapture(
  name: string,
  query: CallQuery & {readonly signal: AbortSignal},
): AsyncGenerator<TraceEvent, void, undefined> {
  const names = new NodeNames();
  let run: TraceState | undefined;
  let last = 0;
  let isCut = false;
  let turns = 0;
  for await (const frame of readCaptureFile(name, () => {
    isCut = true;
  })) {
    query.signal.throwIfAborted();
    run ??= new TraceState(query, names, frame.at);
    last = Math.max(last, frame.at);
    if (frame.kind === 'message') run.hear({...frame, at: last});
    else if (frame.kind === 'gap') run.gap(last, frame.why);
    else if (frame.kind === 'nodes') names.learn(frame.nodes);
    else run.notSaved = frame.notSaved;
    run.tick(last);
    turns += 1;
    if (turns % framesPerTurn === 0) yield* run.queue.take();
  }
  run ??= new TraceState(query, names, 0);
  if (isCut) run.notice(last, 'the capture is truncated: later messages are missing');
  run.end(last);
  yield* run.queue;
  yield {type: 'summary', summary: run.summary(last), final: true};
}
