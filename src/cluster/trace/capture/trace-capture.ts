import {NodeNames} from '../naming/node-names.js';
import type {CallQuery} from '../trace-query.js';
import {TraceRun} from '../trace-run.js';
import type {TraceEvent} from '../traced-call.js';
import {framesOf} from './capture-file.js';

/** Frames that are read before what they gave is handed on. */
const framesATurn = 1000;

/**
 * The calls of a capture file, as a trace would have told them then: the clock is that of the capture. UsageError when it
 * can't be read, DecodeError when it is none.
 */
export async function* traceCapture(
  name: string,
  query: CallQuery & {readonly signal: AbortSignal},
): AsyncGenerator<TraceEvent, void, undefined> {
  const names = new NodeNames();
  let run: TraceRun | undefined;
  let last = 0;
  let isCut = false;
  let turns = 0;
  for await (const frame of framesOf(name, () => {
    isCut = true;
  })) {
    query.signal.throwIfAborted();
    run ??= new TraceRun(query, names, frame.at);
    last = Math.max(last, frame.at);
    if (frame.kind === 'message') run.hear({...frame, at: last});
    else if (frame.kind === 'gap') run.gap(last, frame.why);
    else if (frame.kind === 'nodes') names.learn(frame.nodes);
    else run.notSaved = frame.notSaved;
    run.tick(last);
    turns += 1;
    if (turns % framesATurn === 0) yield* run.queue.take();
  }
  run ??= new TraceRun(query, names, 0);
  if (isCut) run.notice(last, 'the capture was cut: what came after is not in it');
  run.end(last);
  yield* run.queue;
  yield {type: 'summary', summary: run.summary(last), final: true};
}
