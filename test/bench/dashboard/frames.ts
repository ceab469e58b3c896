import {EventEmitter} from 'node:events';
import {type InkBundle, inkBundle} from '../../support/ink-bundles.js';

export interface FrameCost {
  readonly kind: 'stock' | 'fast';
  readonly tree: string;
  readonly cpuMs: number;
}

/** How the dashboard draws. */
export const rowTree = 'a text a row';

const frames = 150;

/** What a frame of 45 rows with 8 cells each costs when every row has changed: our Ink and the package as it is. */
export async function frameCosts(): Promise<FrameCost[]> {
  const costs: FrameCost[] = [];
  for (const kind of ['stock', 'fast'] as const) {
    const ink = await inkBundle(kind);
    costs.push({kind, tree: rowTree, cpuMs: await cost(ink, rows)});
    costs.push({kind, tree: 'a box and a text a cell', cpuMs: await cost(ink, cells)});
  }
  return costs;
}

type Tree = (ink: InkBundle, frame: number) => Parameters<InkBundle['render']>[0];

const cellText = (row: number, column: number, frame: number): string =>
  `r${row}c${column} ${(frame * 7919 + row * 31 + column) % 100_000}`;

const cells: Tree = ({createElement: h, Box, Text}, frame) =>
  h(
    Box,
    {flexDirection: 'column'},
    ...Array.from({length: 45}, (_, row) =>
      h(
        Box,
        {key: row},
        ...Array.from({length: 8}, (__, column) =>
          h(
            Box,
            {key: column, width: 24},
            h(Text, column === 1 ? {color: 'cyan'} : {}, cellText(row, column, frame)),
          ),
        ),
      ),
    ),
  );

const rows: Tree = ({createElement: h, Box, Text}, frame) =>
  h(
    Box,
    {flexDirection: 'column'},
    ...Array.from({length: 45}, (_, row) =>
      h(
        Text,
        {key: row, wrap: 'truncate'},
        Array.from(
          {length: 8},
          (__, column) => `\u001b[36m${cellText(row, column, frame).padEnd(24)}\u001b[39m`,
        ).join(''),
      ),
    ),
  );

/** Milliseconds of processor a frame. */
async function cost(ink: InkBundle, tree: Tree): Promise<number> {
  let written = 0;
  const stdout = Object.assign(new EventEmitter(), {
    columns: 200,
    rows: 50,
    isTTY: false,
    write: () => ++written,
  }) as unknown as NodeJS.WriteStream;
  const instance = ink.render(tree(ink, 0), {
    stdout,
    stdin: new EventEmitter() as never,
    debug: true,
    patchConsole: false,
    exitOnCtrlC: false,
  });
  for (let frame = 1; frame <= 50; frame++) instance.rerender(tree(ink, frame)); // warm
  const cpu = process.cpuUsage();
  for (let frame = 51; frame <= 50 + frames; frame++) {
    instance.rerender(tree(ink, frame));
  }
  const {user, system} = process.cpuUsage(cpu);
  if (written < frames) throw new Error(`${written} of ${frames} frames were drawn`);
  instance.unmount();
  return (user + system) / 1000 / frames;
}
