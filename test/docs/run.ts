// npm run docs: writes the generated parts of the documentation.
import {mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {generated, generatedPages} from './generate.js';
import {makeSchemas, schemaFolder} from './schema/schemas.js';

for (const page of generatedPages) {
  writeFileSync(page, await generated(page));
  process.stdout.write(`wrote ${page}\n`);
}

mkdirSync(schemaFolder, {recursive: true});
for (const [name, schema] of makeSchemas())
  writeFileSync(path.join(schemaFolder, name), `${JSON.stringify(schema, null, 2)}\n`);
process.stdout.write(`wrote ${schemaFolder}\n`);
