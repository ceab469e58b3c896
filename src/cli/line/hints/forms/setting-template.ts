import type {Meant} from './known-words.js';

/** Converts a template that reads one setting to `settings get`: `get user u42 -o jsonpath={.settings.vip}`. */
export function settingOfTemplate(
  {paths, args}: Meant,
  flags: readonly string[],
): {readonly meant: Meant; readonly flags: readonly string[]} | undefined {
  const at = flags.findIndex((word) => /[{.]settings\.[\w-]+/.test(word));
  const [, key] = /settings\.([\w-]+)\W{0,9}$/.exec(flags[at] ?? '') ?? [];
  const isOfOne = /^sessions (?:find|get|list)$/.test(paths[0] ?? '') && args.length === 1;
  if (key === undefined || !isOfOne) return undefined;
  const from = flags[at]?.startsWith('-') === true ? at : at - 1;
  return {
    meant: {paths: ['settings get'], args: [...args, key], isExact: true},
    flags: flags.toSpliced(Math.max(0, from), at - from + 1),
  };
}
