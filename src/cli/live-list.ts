import {setTimeout as wait} from 'node:timers/promises';
import type {Cluster} from '../cluster/cluster.js';
import type {DevContext} from '../dev/deps.js';
import {plural} from '../output/human.js';
import {safeText} from '../output/safe-text.js';
import {writeTable} from '../output/table.js';
import {sessionSheet} from '../sheets/session-sheet.js';
import {timeCell} from '../sheets/time.js';
import {captureIo} from './captured-io.js';
import type {CommandContext} from './context.js';

const rowsShown = 15;
const refreshMs = 1000;
const home = '\u001b[H\u001b[J';
const keepScreen = {enter: '\u001b[?1049h', leave: '\u001b[?1049l'};

/** The list of sessions, drawn again every second on a screen of its own until the signal ends it. */
export async function liveList(context: CommandContext, values: DevContext): Promise<void> {
  const {io, signal} = context;
  const timeoutMs = 2000;
  const cluster = await context.host.openCluster({...values, timeoutMs, reconnect: true});
  await io.out.write(keepScreen.enter);
  try {
    while (!signal.aborted) {
      await io.out.write(home + (await frame(cluster, context)));
      await wait(refreshMs, undefined, {signal}).catch(() => {});
    }
  } finally {
    await io.out.write(keepScreen.leave);
    await cluster.close();
  }
}

async function frame(cluster: Cluster, context: CommandContext): Promise<string> {
  const listing = await cluster.list({limit: rowsShown, signal: context.signal});
  const page = captureIo();
  const columns = sessionSheet(timeCell('table', context.now())).columns.filter(({wide}) => wide !== true);
  await writeTable(page.io.out, columns, listing.rows, {columns: context.io.out.columns});
  const counted = await cluster.each((gate) => gate.count());
  const total = [...counted.results.values()].reduce((sum, {sessions}) => sum + sessions, 0);
  const silent = listing.outcomes().filter(({status}) => status === 'failed');
  const notes = silent.map(({node}) => `warning: ${safeText(node)} did not answer\n`).join('');
  return `${plural(total, 'session')} on ${plural(listing.expected.length, 'gate')}; Ctrl-C ends\n\n${page.out()}\n${notes}`;
}
