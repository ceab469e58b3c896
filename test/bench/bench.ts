// Every figure of docs/performance.md beside its floor, measured in the same run, and what it has to reach.
// npm run bench [-- --only list,calls] [--quick] [--out bench.json]
import {writeFileSync} from 'node:fs';
import {parseArgs} from 'node:util';
import {type Figure, gradeOf, machine, type Suite, tableOf} from './figure.js';
import {addonSuite} from './figures/addon.js';
import {callSuite} from './figures/calls.js';
import {codecSuite} from './figures/codecs.js';
import {dashboardSuite} from './figures/dashboard.js';
import {gateSuite} from './figures/gate.js';
import {growthSuite} from './figures/growth.js';
import {holdSuite} from './figures/hold.js';
import {listSuite} from './figures/list.js';
import {rateSuite} from './figures/rates.js';
import {recordSuite} from './figures/records.js';
import {startSuite} from './figures/start.js';
import {tableSuite} from './figures/table.js';

const suites: readonly Suite[] = [
  startSuite,
  codecSuite,
  tableSuite,
  holdSuite,
  listSuite,
  recordSuite,
  callSuite,
  gateSuite,
  rateSuite,
  addonSuite,
  growthSuite,
  dashboardSuite,
];

const {values} = parseArgs({
  options: {
    only: {type: 'string'},
    quick: {type: 'boolean', default: false},
    out: {type: 'string', default: 'bench.json'},
  },
});
const wanted = values.only?.split(',');
const unknown = wanted?.filter((name) => !suites.some((suite) => suite.name === name)) ?? [];
if (unknown.length > 0) {
  console.error(
    `no such figures: ${unknown.join(', ')}; there are ${suites.map(({name}) => name).join(', ')}`,
  );
  process.exit(2);
}

const before = machine();
console.log(`${before.cpu}, ${before.cores} cores, Node ${before.node}, load ${before.load.join(' ')}`);
const measured: (Figure & {readonly suite: string; readonly load: number})[] = [];
for (const {name, run} of suites) {
  if (wanted !== undefined && !wanted.includes(name)) continue;
  console.error(`${name} …`);
  const say = (line: string): void => console.error(`  ${line}`);
  const figures = await run({quick: values.quick, say}).catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1; // the others are measured all the same
    return [];
  });
  const [load = 0] = machine().load;
  for (const figure of figures) measured.push({...figure, suite: name, load});
}
console.log(tableOf(measured));
const after = machine();
console.log(`load at the end ${after.load.join(' ')}`);
const result = {
  version: 1,
  at: new Date().toISOString(),
  quick: values.quick,
  before,
  after,
  figures: measured.map((figure) => ({...figure, grade: gradeOf(figure)})),
};
writeFileSync(values.out, `${JSON.stringify(result, undefined, 2)}\n`);
console.log(`written to ${values.out}`);
process.exit();
