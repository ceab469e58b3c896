import {toCamelCase} from '../flag-names.js';

/** Parses a value. `before` is the previous value of a flag or argument that may be repeated. */
type Parse = (text: string, before: unknown) => unknown;

export interface DeclaredFlag {
  /** In camel case, without `--`. */
  readonly name: string;
  readonly long: string;
  readonly short: string | undefined;
  readonly takesValue: boolean;
  readonly parse: Parse | undefined;
  readonly byDefault: unknown;
}

export interface DeclaredArgument {
  /** In camel case. */
  readonly name: string;
  readonly isRequired: boolean;
  readonly isMany: boolean;
  readonly parse: Parse | undefined;
  readonly byDefault: unknown;
}

/** Further parameters of commander's `option` and `argument`, after the description: a parser, a default, or both. */
type Rest = readonly unknown[];

/**
 * Records the options and arguments declared by a verb, with the methods of commander's Command. `isPlain` becomes false for
 * anything that `parseLineFast` can't handle: an optional value, a negated flag, or choices.
 */
export class DeclarationRecorder {
  readonly flags: (DeclaredFlag | undefined)[] = [];
  readonly args: DeclaredArgument[] = [];
  isPlain = true;

  option(notation: string, _about: string, ...rest: Rest): this {
    const flag = parseFlagNotation(notation, rest);
    if (flag === undefined) this.isPlain = false;
    this.flags.push(flag);
    return this;
  }

  argument(notation: string, _about: string, ...rest: Rest): this {
    const [, bracket, name = '', dots] = /^([<[])([\w-]+)(\.{3})?[\]>]$/.exec(notation) ?? [];
    const {parse, byDefault} = parserIn(rest);
    this.args.push({
      name: toCamelCase(name),
      isRequired: bracket === '<',
      isMany: dots !== undefined,
      parse,
      byDefault,
    });
    if (name === '') this.isPlain = false;
    return this;
  }

  usage(): this {
    return this;
  }

  addHelpText(): this {
    return this;
  }

  addOption(): this {
    return this.unlike();
  }

  hook(): this {
    return this.unlike();
  }

  private unlike(): this {
    this.isPlain = false;
    return this;
  }
}

/** Parses a notation such as `-s, --server <urls>`. Returns undefined for a more complex one. */
export function parseFlagNotation(notation: string, rest: Rest): DeclaredFlag | undefined {
  const [, short, long = '', value] = /^(?:(-\w), )?(--[\w-]+)( <[\w-]+>)?$/.exec(notation) ?? [];
  const {parse, byDefault} = parserIn(rest);
  const takesValue = value !== undefined;
  if (long === '' || long.startsWith('--no-') || (parse !== undefined && !takesValue)) return undefined;
  return {name: toCamelCase(long.slice(2)), long, short, takesValue, parse, byDefault};
}

function parserIn([first, second]: Rest): Pick<DeclaredFlag, 'parse' | 'byDefault'> {
  return typeof first === 'function'
    ? {parse: first as Parse, byDefault: second}
    : {parse: undefined, byDefault: first};
}
