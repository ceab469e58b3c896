// A gate on a public port, with 10,000 clients or as many as the first argument says, of which one in twenty is hostile.
// npm run public-port
import {runPublicPort} from './public-port/run-public-port.js';

const clients = Number(process.argv[2] ?? 10_000);
const started = performance.now();
const elapsed = (): string => ((performance.now() - started) / 1000).toFixed(0).padStart(4);
const result = await runPublicPort({clients, log: (line) => console.log(`${elapsed()} s  ${line}`)});
console.log(JSON.stringify(result, null, 2));
process.exitCode = result.lost === 0 && result.sessions === result.honest ? 0 : 1;
