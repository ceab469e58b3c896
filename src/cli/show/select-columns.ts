import {closestMatch, didYouMean} from '../../base/closest-match.js';
import {MistypedValueError, UsageError} from '../../base/errors.js';
import type {Column, Presenter} from '../../output/formats/presenter.js';
import {currentFieldName} from '../../selector/selector-fields.js';
import type {CommandContext} from '../command-context.js';

const maxColumns = 50;

/**
 * Selects and orders columns by name. In json, jsonl and yaml, selects the members of these columns. `extra` creates a column
 * whose name follows a pattern, such as `settings.room`. Throws a UsageError for an unknown column.
 */
export function selectColumns<Row>(
  presenter: Presenter<Row>,
  names: readonly string[] | undefined,
  extra: (name: string) => Column<Row> | undefined,
): Presenter<Row> {
  if (names === undefined) return presenter;
  const known = new Map(presenter.columns.map((column) => [column.header.toLowerCase(), column]));
  const byMember = new Map(presenter.columns.map((column) => [memberOf(column).at(-1), column]));
  const columns = names.map((name) => {
    const column = known.get(currentFieldName(name.toLowerCase())) ?? byMember.get(name) ?? extra(name);
    if (column !== undefined) return chosen(column);
    const setting = /^[A-Za-z_]\w*$/.test(name) ? extra(`settings.${name}`) : undefined;
    const meant = names.map((one) => (one === name ? `settings.${name}` : one)).join(',');
    if (setting !== undefined && closestMatch(name, [...known.keys()], 1) === undefined)
      throw new MistypedValueError(`unknown column "${name}"`, {
        flag: '--columns',
        typed: names.join(','),
        meant,
      });
    throw new UsageError(`unknown column "${name}"`, {
      hint: didYouMean(
        name,
        [...known.keys()],
        `choose from ${[...known.keys()].join(', ')}, settings.<key>`,
      ),
    });
  });
  const members = [...columns.map(memberOf), ...always];
  return {
    ...presenter,
    columns,
    record: (row) => onlyMembers(presenter.record(row), members),
    ...{recordText: undefined, recordBytes: undefined}, // they write all members
  };
}

/** Makes a requested column appear in every format, also on a narrow terminal. */
function chosen<Row>({dropOrder: _, wide: __, ...column}: Column<Row>): Column<Row> {
  return column;
}

const memberOf = <Row>({header, member = [header.toLowerCase()]}: Column<Row>): readonly string[] => member;

/** Members that are always kept: `fault` says why a session is incomplete. */
const always: readonly (readonly string[])[] = [['fault']];

/** Copies the members at the paths. Skips paths that do not exist, such as a missing setting. */
function onlyMembers(record: unknown, paths: readonly (readonly string[])[]): unknown {
  const names = new Set(paths.flatMap(([name]) => name ?? []));
  if (record === null || typeof record !== 'object') return record;
  return Object.fromEntries(
    [...names]
      .filter((name) => Object.hasOwn(record, name))
      .map((name) => {
        const inner = paths.filter(([first]) => first === name).map((path) => path.slice(1));
        const isWhole = inner.some((path) => path.length === 0);
        const value = (record as Readonly<Record<string, unknown>>)[name];
        return [name, isWhole ? value : onlyMembers(value, inner)];
      }),
  );
}

/** Throws UsageError if the output is `-o ids`, which has no columns to choose. */
export function checkColumns(
  {outputOptions: {format}}: CommandContext,
  names: readonly string[] | undefined,
): void {
  if (names === undefined || format !== 'ids') return;
  throw new UsageError('conflicting flags --columns and "-o ids": ids are printed without other columns', {
    hint: `remove one of them, or use -o tsv --columns ${names.join(',')}`,
  });
}

/** Parses comma-separated column names, after those of the same flag before. */
export function parseColumns(text: string, before: readonly string[] = []): readonly string[] {
  const names = [...before, ...text.split(',').map((name) => name.trim())];
  if (names.includes('') || names.length > maxColumns)
    throw new UsageError(`invalid list of columns "${text}"`);
  return names;
}
