// npm run docs: writes the generated parts of the documentation.
import {writeFileSync} from 'node:fs';
import {generated, generatedPages} from './generate.js';

for (const page of generatedPages) {
  writeFileSync(page, await generated(page));
  process.stdout.write(`wrote ${page}\n`);
}
