// What the build knows of the packages in the bundle.
import {readdirSync, readFileSync} from 'node:fs';

/** Loaded by packages where they are installed: native helpers, and the MongoDB driver's compression and sign-ins. */
export const optionalPackages = [
  'bufferutil',
  'utf-8-validate',
  'msgpackr-extract',
  'kerberos',
  'snappy',
  'gcp-metadata',
  'mongodb-client-encryption',
  '@mongodb-js/zstd',
  '@aws-sdk/credential-providers',
];

/** The licences of all packages in the program, which its bundle holds and npm therefore does not install. */
export function notice(root, inputs) {
  const folders = new Set(inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? []));
  const packages = [...folders].map((folder) => {
    const {name, version, license} = JSON.parse(readFileSync(`${root}${folder}/package.json`, 'utf8'));
    const file = readdirSync(`${root}${folder}`).find((one) => /^(?:licen[cs]e|copying)\b/i.test(one));
    const text = file === undefined ? '' : readFileSync(`${root}${folder}/${file}`, 'utf8').trim();
    return `${name} ${version} (${license})\n\n${text}`.trim();
  });
  const rule = `\n\n${'-'.repeat(80)}\n\n`;
  return `${['The program gatectl contains these packages.', ...packages.sort()].join(rule)}\n`;
}
