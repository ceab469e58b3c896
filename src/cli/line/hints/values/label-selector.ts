import {selectorFields} from '../../../../selector/selector-fields.js';

const flagsOfFields: Readonly<Record<string, string>> = {
  uid: '--uid',
  gate: '--gate',
  network: '--network',
};

/** The id of a node as mqant makes it: `Gate@5f0084b6`. */
export const gateIdPattern = /^[A-Z]\w*@[\w-]+$/;

/** Converts a label selector such as `vip=1,room!=lobby` to flags, and any other expression to `--where`. */
export function labelSelectorFlags(text: string): readonly string[] {
  const terms = text.split(',').map((term) => /^(!?[\w.-]+)(?:(!?=)=?([\w.@:/*-]*))?$/.exec(term.trim()));
  if (terms.some((term) => term === null)) return ['--where', text];
  return terms.flatMap((term) => termWords(term?.[1] ?? '', term?.[2], term?.[3] ?? ''));
}

function termWords(key: string, sign: string | undefined, value: string): readonly string[] {
  const name = key.replace(/^settings\./, '');
  const flag = sign === '=' && Object.hasOwn(flagsOfFields, key) ? flagsOfFields[key] : undefined;
  if (flag !== undefined) return [flag, value];
  if (Object.hasOwn(selectorFields, key))
    return ['--where', `${key} ${sign === '!=' ? '!=' : '=='} ${JSON.stringify(value)}`];
  return ['--setting', sign === undefined ? name : `${name}${sign}${value}`];
}
