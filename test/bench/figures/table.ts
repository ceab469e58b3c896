import Table from 'cli-table3';
import type {LocatedRow} from '../../../src/cluster/cluster.js';
import {writeTable} from '../../../src/output/formats/write-table.js';
import {sessionPresenter} from '../../../src/presentation/session-presenter.js';
import {timeCellFormatter} from '../../../src/presentation/time-format.js';
import {generatedSession} from '../../support/generated-gate.js';
import {atLeast, type BenchOptions, type Figure, ms, type Suite} from '../figure.js';

const now = 1_770_000_000_000;

/** Seven columns of built rows, beside the library that small tables are written by. */
export const tableSuite: Suite = {name: 'table', run: measure};

async function measure({quick}: BenchOptions): Promise<Figure[]> {
  const count = quick ? 2000 : 10_000;
  const rows: LocatedRow[] = Array.from({length: count}, (_, at) => ({
    session: generatedSession(at, 'Gate@g1'),
    node: 'Gate@g1',
    observedAt: now,
    connectedAt: now - at * 1000,
    lastActiveAt: now - at,
    received: at,
    sent: at,
  }));
  const columns = sessionPresenter(timeCellFormatter('table', now)).columns.filter(({wide}) => wide !== true);
  const sink = {
    isTerminal: false,
    columns: 80,
    write: async () => {},
    writeBytes: async () => {},
    flush: async () => {},
  };
  await writeTable(sink, columns, rows);
  const ours = await wall(() => writeTable(sink, columns, rows));
  const theirs = await wall(async () => {
    const table = new Table({head: columns.map(({header}) => header)});
    for (const row of rows) table.push(columns.map(({cell}) => cell(row)));
    table.toString();
  });
  return [
    {
      name: `a table of ${count} rows`,
      value: ms(ours),
      floor: `cli-table3 ${ms(theirs)}`,
      ratio: theirs / ours,
      target: atLeast(100, 300),
      note: 'it is quadratic',
    },
  ];
}

async function wall(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
